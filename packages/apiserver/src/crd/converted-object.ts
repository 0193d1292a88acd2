import { fieldErrorText } from '@kcp/apimachinery/errors/field-error';
import { newUntyped } from '@kcp/apimachinery/errors/status-error';
import { deepEqual, getOwn, isNumber, isObject, type JsonObject, type JsonValue } from '@kcp/apimachinery/json/value';
import type { KubeObject, ObjectMeta } from '@kcp/apimachinery/meta/object';
import { readString } from '@kcp/apimachinery/schema/read';
import { validateAnnotations, validateLabels } from '@kcp/apimachinery/validation/object-meta';
import { gvkText } from '../webhook/review-answer.js';

/**
 * Takes what a webhook made of `original`: it must be of the wanted version and still the same object, and of its
 * metadata only labels and annotations count. Throws 500 in upstream's words, which say the place where several
 * objects were sent.
 */
export function checkConverted(
  original: KubeObject,
  answered: JsonValue | undefined,
  apiVersion: string,
  index: number,
  ofList: boolean,
): KubeObject {
  const from = `conversion webhook for ${gvkText(original)} returned`;
  const what = ofList ? 'invalid converted object' : 'invalid object';
  const place = `${from} ${what} at index ${index}`;
  if (!isObject(answered)) throw newUntyped(`${place}: Object 'Kind' is missing in '${String(answered)}'`);
  const version = readString(answered, 'apiVersion');
  if (version !== apiVersion) {
    throw newUntyped(`${place}: invalid groupVersion (expected ${apiVersion}, received ${version})`);
  }
  const kind = readString(answered, 'kind');
  if (kind !== original.kind) {
    throw newUntyped(`${place}: invalid kind (expected ${original.kind}, received ${kind})`);
  }
  const changed = changedIdentity(original, answered);
  if (changed !== undefined) throw newUntyped(ofList ? `${place}: ${changed}` : `${from} ${what}: ${changed}`);
  const metadata = mergedMetadata(original, answered);
  if (typeof metadata !== 'string') return { ...answered, apiVersion, kind, metadata };
  throw newUntyped(`${from} invalid metadata${ofList ? ` in object at index ${index}` : ''}: ${metadata}`);
}

function changedIdentity(original: KubeObject, answered: JsonObject): string | undefined {
  const metadata = isObject(answered.metadata) ? answered.metadata : {};
  for (const [member, name] of [
    ['name', 'name'],
    ['namespace', 'namespace'],
    ['uid', 'UID'],
  ] as const) {
    const expected = original.metadata[member] ?? '';
    const got = readString(metadata, member);
    if (got !== expected) return `must have the same ${name}: ${expected} != ${got}`;
  }
  return undefined;
}

/** The original metadata with the labels and annotations that the webhook answered; a text says what is wrong. */
function mergedMetadata(original: KubeObject, answered: JsonObject): ObjectMeta | string {
  const given = getOwn(answered, 'metadata');
  if (given === undefined) return 'missing metadata in converted object';
  if (!isObject(given)) return `invalid metadata of type ${goType(given)} in converted object`;
  const merged: ObjectMeta = { ...original.metadata };
  for (const member of ['labels', 'annotations'] as const) {
    const values = stringsOf(given, member);
    if (typeof values === 'string') return values;
    if (values === undefined) delete merged[member];
    else {
      const wrong = deepEqual(values, original.metadata[member]) ? '' : invalidText(member, values);
      if (wrong !== '') return wrong;
      merged[member] = values;
    }
  }
  return merged;
}

function stringsOf(metadata: JsonObject, member: string): Record<string, string> | string | undefined {
  const value = getOwn(metadata, member) ?? undefined;
  if (value === undefined) return undefined;
  if (!isObject(value)) return `invalid metadata.${member} of type ${goType(value)} in converted object`;
  const strings: Record<string, string> = {};
  for (const [key, item] of Object.entries(value)) {
    if (typeof item !== 'string') {
      return `metadata.${member}[${key}] must be a string, but is ${goType(item)} in converted object`;
    }
    strings[key] = item;
  }
  return strings;
}

/** Upstream's path of annotations is misspelt, and clients see it. */
function invalidText(member: 'labels' | 'annotations', values: Record<string, string>): string {
  const errors =
    member === 'labels'
      ? validateLabels(values, 'metadata.labels')
      : validateAnnotations(values, 'metadata.annotation');
  const texts = errors.map(fieldErrorText);
  return texts.length > 1 ? `[${texts.join(', ')}]` : (texts[0] ?? '');
}

/** How Go prints the type of a decoded value. */
function goType(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (isNumber(value)) return typeof value === 'bigint' || Number.isInteger(value) ? 'int64' : 'float64';
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
}
