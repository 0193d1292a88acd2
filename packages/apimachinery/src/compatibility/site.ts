import { type FieldError, invalid, notSupported } from '../errors/field-error.js';
import type { JsonValue } from '../json/value.js';

/** What a whole comparison has found so far. */
interface Findings {
  readonly errors: FieldError[];
  /** Properties that narrowing has taken away. */
  removed: number;
}

/** Where in two schemas a comparison stands. */
export class Site {
  /** Rooted at the kind: `Deployment.properties[spec].properties[replicas]`. */
  readonly path: string;
  /** The common denominator may allow less than the existing schema. */
  readonly narrow: boolean;
  readonly findings: Findings;

  constructor(path: string, narrow: boolean, findings: Findings = { errors: [], removed: 0 }) {
    this.path = path;
    this.narrow = narrow;
    this.findings = findings;
  }

  child(name: string): Site {
    return new Site(`${this.path}.${name}`, this.narrow, this.findings);
  }

  property(name: string): Site {
    return new Site(`${this.path}.properties[${name}]`, this.narrow, this.findings);
  }

  /** The schemas cannot be brought together here. */
  refuse(keyword: string, value: JsonValue, detail: string): void {
    this.findings.errors.push(invalid(`${this.path}.${keyword}`, value, detail));
  }

  /** True where narrowing may go on; otherwise the difference is noted as an error. */
  mayNarrow(keyword: string, value: JsonValue, detail: string): boolean {
    if (!this.narrow) this.refuse(keyword, value, detail);
    return this.narrow;
  }

  unknownType(type: string): void {
    this.findings.errors.push(notSupported(`${this.path}.type`, type, KNOWN_TYPES));
  }
}

export const KNOWN_TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
