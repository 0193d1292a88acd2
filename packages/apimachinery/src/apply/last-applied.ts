import { stringify } from '../json/stringify.js';
import { getOwn, isObject, type JsonObject, type JsonValue, setOwn } from '../json/value.js';
import type { MergeType } from '../merge-type/merge-type.js';
import type { KubeObject } from '../meta/object.js';
import { compare } from './compare.js';
import { type FieldSet, isEmptySet } from './field-set.js';
import { subtractChange } from './ownership.js';
import { compareNames } from './path-element.js';
import { setOf } from './set-of.js';

/** Where client-side apply keeps what it applied last. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The manager for which client-side apply counts as the same applier. */
export const KUBECTL = 'kubectl';

/** How large all annotations of an object may be together; beyond it the annotation is dropped. */
export const MAX_ANNOTATION_BYTES = 256 * 1024;

/**
 * The fields that client-side apply set and that still have that value: an applier named `kubectl` may take them over
 * without a conflict. Undefined when the object was not applied that way, or at another version. @throws UntypedValueError.
 */
export function fieldsOfLastApplied(type: MergeType, live: KubeObject, apiVersion: string): FieldSet | undefined {
  const text = live.metadata.annotations?.[LAST_APPLIED];
  const last = text === undefined || text === '' ? undefined : parse(text);
  if (last === undefined || getOwn(last, 'apiVersion') !== apiVersion) return undefined;
  const fields = subtractChange(setOf(type, last), compare(type, last, live));
  return isEmptySet(fields) ? undefined : fields;
}

function parse(text: string): JsonObject | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The object with its last-applied annotation, if it has one, brought up to what is applied now. */
export function refreshLastApplied(object: KubeObject, applied: KubeObject): KubeObject {
  const annotations = object.metadata.annotations;
  if (annotations?.[LAST_APPLIED] === undefined) return object;
  const text = `${stringify(sortedKeys(withoutBookkeeping(applied)))}\n`;
  const changed = { ...annotations, [LAST_APPLIED]: text };
  if (totalBytes(changed) > MAX_ANNOTATION_BYTES) {
    const { [LAST_APPLIED]: _, ...rest } = annotations;
    return { ...object, metadata: { ...object.metadata, annotations: rest } };
  }
  return { ...object, metadata: { ...object.metadata, annotations: changed } };
}

function withoutBookkeeping(applied: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = applied.metadata;
  if (metadata.annotations?.[LAST_APPLIED] === undefined) return { ...applied, metadata };
  const { [LAST_APPLIED]: __, ...annotations } = metadata.annotations;
  return { ...applied, metadata: { ...metadata, annotations } };
}

function sortedKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (!isObject(value)) return value;
  const result: JsonObject = {};
  for (const key of Object.keys(value).sort(compareNames)) {
    const member = value[key];
    if (member !== undefined) setOwn(result, key, sortedKeys(member));
  }
  return result;
}

function totalBytes(annotations: Readonly<Record<string, string>>): number {
  let total = 0;
  for (const [key, value] of Object.entries(annotations)) total += Buffer.byteLength(key) + Buffer.byteLength(value);
  return total;
}
