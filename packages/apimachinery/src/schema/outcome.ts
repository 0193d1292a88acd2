import type { FieldError } from '../errors/field-error.js';

/** Result of one schema for one value. `matches` counts fulfilled checks, by which the best of several failures is chosen. */
export interface Outcome {
  readonly errors: FieldError[];
  readonly matches: number;
}
