import type { JsonObject } from '../json/value.js';
import type { MergeType } from '../merge-type/merge-type.js';
import type { KubeObject } from '../meta/object.js';
import { type Comparison, compare } from './compare.js';
import { type FieldSet, intersectSets, isEmptySet, subtractSet, subtractTrees, unionSets } from './field-set.js';
import { type ManagerEntry, withFields } from './managed-fields.js';

/** An object at another apiVersion with its type there; undefined for a version that is not served any more. */
export type ConvertForFields = (
  object: JsonObject,
  apiVersion: string,
) => { readonly object: JsonObject; readonly type: MergeType } | undefined;

/** One change of an object, compared at every apiVersion that its managers use. */
export class ObjectChange {
  readonly comparison: Comparison;
  readonly #before: JsonObject;
  readonly #after: JsonObject;
  readonly #convert: ConvertForFields | undefined;
  readonly #resetFields: FieldSet | undefined;
  readonly #atVersion = new Map<string, Comparison | undefined>();

  constructor(input: ChangeInput) {
    this.#before = input.before;
    this.#after = input.after;
    this.#convert = input.convert;
    this.#resetFields = input.resetFields;
    this.comparison = this.#compare(input.type, input.before, input.after);
    this.#atVersion.set(input.apiVersion, this.comparison);
  }

  /** Undefined when that version is not served any more. Without a converter all versions are alike. */
  at(apiVersion: string): Comparison | undefined {
    if (this.#convert === undefined) return this.comparison;
    if (!this.#atVersion.has(apiVersion)) this.#atVersion.set(apiVersion, this.#compareAt(apiVersion, this.#convert));
    return this.#atVersion.get(apiVersion);
  }

  #compareAt(apiVersion: string, convert: ConvertForFields): Comparison | undefined {
    const before = convert(this.#before, apiVersion);
    const after = convert(this.#after, apiVersion);
    if (before === undefined || after === undefined) return undefined;
    return this.#compare(after.type, before.object, after.object);
  }

  /** What the endpoint ignores as a whole, such as the spec for a status, need not be compared first. */
  #compare(type: MergeType, before: JsonObject, after: JsonObject): Comparison {
    const reset = this.#resetFields;
    if (reset === undefined) return compare(type, before, after);
    return this.#filter(compare(type, withoutReset(before, reset), withoutReset(after, reset)), reset);
  }

  #filter(comparison: Comparison, reset: FieldSet): Comparison {
    if (isEmptySet(reset)) return comparison;
    return {
      added: subtractTrees(comparison.added, reset),
      modified: subtractTrees(comparison.modified, reset),
      removed: subtractTrees(comparison.removed, reset),
    };
  }
}

function withoutReset(object: JsonObject, reset: FieldSet): JsonObject {
  const ignored = Object.keys(object).filter((name) => isWhole(reset[`f:${name}`]));
  if (ignored.length === 0) return object;
  const left = { ...object };
  for (const name of ignored) delete left[name];
  return left;
}

function isWhole(set: FieldSet | undefined): boolean {
  return set !== undefined && isEmptySet(set);
}

export interface ChangeInput {
  readonly type: MergeType;
  readonly before: JsonObject;
  readonly after: JsonObject;
  readonly apiVersion: string;
  readonly resetFields: FieldSet | undefined;
  readonly convert: ConvertForFields | undefined;
}

/** What of an entry's fields the change sets to another value: a conflict for an applier. */
export function contested(entry: ManagerEntry, change: ObjectChange): FieldSet | undefined {
  const comparison = change.at(entry.apiVersion);
  if (comparison === undefined) return undefined;
  const gained = unionSets(comparison.added, comparison.modified);
  const both = intersectSets(entry.fields, gained);
  return isEmptySet(both) ? undefined : both;
}

/** The entries after the change: what it set or removed is no longer theirs; one without fields vanishes. */
export function releaseChanged(entries: readonly ManagerEntry[], change: ObjectChange): ManagerEntry[] {
  const left: ManagerEntry[] = [];
  for (const entry of entries) {
    const comparison = change.at(entry.apiVersion);
    if (comparison === undefined) continue;
    const kept = withFields(entry, subtractChange(entry.fields, comparison));
    if (kept !== undefined) left.push(kept);
  }
  return left;
}

export function subtractChange(fields: FieldSet, { added, modified, removed }: Comparison): FieldSet {
  let left = fields;
  for (const set of [added, modified, removed]) if (!isEmptySet(set)) left = subtractSet(left, set);
  return left;
}

/** The object as it is compared: managedFields are no field of their own. */
export function withoutManagedFields(object: KubeObject): KubeObject {
  const { metadata } = object;
  if (metadata?.managedFields === undefined) return object;
  const { managedFields: _, ...rest } = metadata;
  return { ...object, metadata: rest };
}

/** What a creation is compared with. */
export const NO_OBJECT: JsonObject = { metadata: {} };
