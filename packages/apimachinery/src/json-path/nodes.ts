import type { JsonValue } from '../json/value.js';

/** A step of a compiled path: each maps the list of current values to the next one. */
export type PathNode =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'recursive' }
  | { readonly kind: 'slice'; readonly from: number; readonly to: number | undefined; readonly step: number }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'union'; readonly branches: readonly (readonly PathNode[])[] }
  | { readonly kind: 'literal'; readonly value: JsonValue }
  | FilterNode;

export interface FilterNode {
  readonly kind: 'filter';
  readonly left: readonly PathNode[];
  readonly operator: FilterOperator;
  readonly right: readonly PathNode[];
}

export type FilterOperator = 'exists' | '==' | '!=' | '<' | '<=' | '>' | '>=';

/** A path that cannot be parsed or that does not fit the value. */
export class JsonPathError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JsonPathError';
  }
}

/** Longest path that is parsed, in UTF-16 units. */
export const PATH_MAX_LENGTH = 4096;
/** Most steps in one path, filters and unions included. */
export const PATH_MAX_NODES = 256;
/** Deepest nesting of filters and unions. */
export const PATH_MAX_DEPTH = 16;
/** Most values that a path may yield or pass through in one step. */
export const PATH_MAX_RESULTS = 100_000;
/** Deepest level that `..` descends to. */
export const PATH_MAX_DESCENT = 512;
