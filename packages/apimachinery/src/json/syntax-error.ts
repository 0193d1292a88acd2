import type { JsonValue } from './value.js';

/** The text is no JSON, or is nested too deeply. `message` words the fault as Go's decoder does where it can. */
export class JsonSyntaxError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JsonSyntaxError';
  }
}

export interface ParsedJson {
  readonly value: JsonValue;
  /** Paths of keys that stand twice in one object (the last one counts), such as `data.k` or `spec.list[0].a`. */
  readonly duplicates: readonly string[];
  /** The same of a YAML text in go-yaml's words, such as `line 4: key "a" already set in map`. */
  readonly setTwice?: readonly string[];
  /** Paths of whole numbers that are written with a fraction or an exponent, such as `2.0`: to Go they are no integers. */
  readonly fractions?: readonly string[];
}
