import { goQuote } from '../errors/go-quote.js';
import { StatusError } from '../errors/status-error.js';
import type { StructType } from '../types/type-ref.js';

/** The deepest nesting that is followed; only JSON schemas inside definitions can nest at will. */
const MAX_DEPTH = 1000;
/** As many unknown fields are listed; a client with more mistakes has seen enough. */
const MAX_UNKNOWN = 100;

/** A member of a map on the way down; error texts leave map keys out, lists of unknown fields show them. */
interface MapKey {
  readonly key: string;
}
type Step = string | number | MapKey;

/** The way from the root to where the decoder is, and what it has found out so far. */
export class DecodeContext {
  readonly #steps: Step[] = [];
  readonly #structs: StructType[] = [];
  readonly #unknown = new Set<string>();
  /** Inside a JSONSchemaProps union upstream decodes leniently. */
  #lenient = 0;

  get unknown(): string[] {
    return [...this.#unknown];
  }

  enterStruct(type: StructType): void {
    if (this.#structs.length >= MAX_DEPTH) throw new DecodeError('exceeded max depth');
    this.#structs.push(type);
  }

  leaveStruct(): void {
    this.#structs.pop();
  }

  enter(step: Step): void {
    this.#steps.push(step);
  }

  leave(): void {
    this.#steps.pop();
  }

  enterLenient(): void {
    this.#lenient++;
  }

  leaveLenient(): void {
    this.#lenient--;
  }

  addUnknown(key: string): void {
    if (this.#lenient > 0 || this.#unknown.size >= MAX_UNKNOWN) return;
    this.#unknown.add(`unknown field ${goQuote(this.#path(key))}`);
  }

  /** Go's words for a JSON value of the wrong type at member `field` of the current struct. */
  mismatch(found: string, goType: string, field?: string): DecodeError {
    const struct = this.#structs[this.#structs.length - 1];
    const names = this.#steps.filter((step) => typeof step === 'string');
    if (field !== undefined) names.push(field);
    const where = struct === undefined ? 'Go value' : `Go struct field ${struct.goName}.${names.join('.')}`;
    return new DecodeError(`json: cannot unmarshal ${found} into ${where} of type ${goType}`);
  }

  #path(key: string): string {
    let path = '';
    for (const step of this.#steps) {
      if (typeof step === 'number') path += `[${step}]`;
      else path += `${path === '' ? '' : '.'}${typeof step === 'string' ? step : step.key}`;
    }
    return path === '' ? key : `${path}.${key}`;
  }
}

/** A value that does not fit its type; `cannotHandle` frames the message for the client. */
export class DecodeError extends Error {}

/** 400 in the frame in which upstream reports that a body does not fit its kind. */
export class UndecodableError extends StatusError {
  /** The text without the frame; what a patch made is reported in another one. */
  readonly why: string;

  /** `expected` is the kind that was to be read, where it is another. */
  constructor(kind: string, version: string, why: string, expected = kind) {
    super(400, 'BadRequest', `${kind} in version ${goQuote(version)} cannot be handled as a ${expected}: ${why}`);
    this.why = why;
  }
}
