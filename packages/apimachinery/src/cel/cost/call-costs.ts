import type { CelValue } from '../values/value.js';

/** What one call costs at run time: a number, or a function of its arguments (which may be errors) and its result. */
export type CallCost = number | ((args: readonly CelValue[], result: CelValue) => number);

/** The costs of functions. */
export interface CallCosts {
  /** `overloadId` is empty when several overloads are possible at run time. */
  costOf(name: string, overloadId: string): CallCost;
}

export const STRING_TRAVERSAL = 0.1;
export const REGEX_LENGTH = 0.25;
