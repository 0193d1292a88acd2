import type { JsonObject } from '../json/value.js';

/**
 * What merging algorithms (server-side apply, strategic merge patch, field tracking) need to know of a type. Built-in
 * type tables and structural schemas of CRDs both produce it; it is made once per content and shared by all logical
 * clusters. Recursive types are cyclic graphs, so `field` and `element` may be getters.
 */
export type MergeType = ScalarMergeType | MapMergeType | ListMergeType | DeducedMergeType;

/** A leaf: string, number, boolean, int-or-string, quantity, time, bytes, and whatever is replaced whole. */
export interface ScalarMergeType {
  readonly kind: 'scalar';
  /** What applied values must be; anything when absent. */
  readonly scalar?: 'numeric' | 'string' | 'boolean';
}

/** A struct (`field` knows its members) or a map (`element` is the type of every value), or both for partly open ones. */
export interface MapMergeType {
  readonly kind: 'map';
  /** `atomic`: owned and replaced as one. */
  readonly relationship: 'granular' | 'atomic';
  /** The type of a declared member; undefined when the name is not declared. */
  field(name: string): MergeType | undefined;
  /** The type of undeclared members; undefined when undeclared members are an error (a closed struct). */
  readonly element: MergeType | undefined;
  /** Strategic merge patch: the struct is tagged `retainKeys`. */
  readonly retainKeys?: boolean;
}

export interface ListMergeType {
  readonly kind: 'list';
  readonly relationship: 'atomic' | 'set' | 'map';
  readonly element: MergeType;
  /** For `map`: the names of the key members of each item, in declared order. */
  readonly keys: readonly string[];
  /** Defaults of key members (`protocol: TCP`), filled in when an item lacks one. */
  readonly keyDefaults: JsonObject;
  /** Strategic merge patch: merge (by `patchMergeKey`, or as a set when there is none) instead of replace. */
  readonly patchMerge: boolean;
  readonly patchMergeKey?: string;
}

/** Schemaless (preserve-unknown-fields): maps merge granularly, lists are atomic, scalars are leaves. */
export interface DeducedMergeType {
  readonly kind: 'deduced';
}

export const SCALAR: ScalarMergeType = { kind: 'scalar' };
export const NUMERIC: ScalarMergeType = { kind: 'scalar', scalar: 'numeric' };
export const STRING: ScalarMergeType = { kind: 'scalar', scalar: 'string' };
export const BOOLEAN: ScalarMergeType = { kind: 'scalar', scalar: 'boolean' };
export const DEDUCED: DeducedMergeType = { kind: 'deduced' };
