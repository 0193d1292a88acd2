import { getOwn, isObject, type JsonValue } from '../json/value.js';
import { JsonPatchError } from './json-patch-error.js';
import { parsePointer } from './json-pointer.js';

/** How many operations one patch may have; upstream's limit. */
export const MAX_JSON_PATCH_OPERATIONS = 10_000;

/** A place in the document: the pointer as written (for texts) and its tokens. */
export interface Place {
  readonly text: string;
  readonly tokens: readonly string[];
}

export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: Place; readonly value: JsonValue }
  | { readonly op: 'remove'; readonly path: Place }
  | { readonly op: 'move' | 'copy'; readonly path: Place; readonly from: Place };

/**
 * Reads decoded JSON as a list of RFC 6902 operations.
 * @throws JsonPatchError `malformed` or `too-many-operations`.
 */
export function parseJsonPatch(patch: JsonValue): readonly JsonPatchOperation[] {
  if (!Array.isArray(patch)) throw malformed('the patch is not a list of operations');
  if (patch.length > MAX_JSON_PATCH_OPERATIONS) {
    const text = `The allowed maximum operations in a JSON patch is ${MAX_JSON_PATCH_OPERATIONS}, got ${patch.length}`;
    throw new JsonPatchError('too-many-operations', text);
  }
  return patch.map(parseOperation);
}

function parseOperation(item: JsonValue): JsonPatchOperation {
  if (!isObject(item)) throw malformed('an operation is not an object');
  const op = getOwn(item, 'op');
  const path = place(getOwn(item, 'path'), 'path');
  switch (op) {
    case 'add':
    case 'replace':
    case 'test':
      return { op, path, value: requireValue(getOwn(item, 'value'), op) };
    case 'remove':
      return { op, path };
    case 'move':
    case 'copy':
      return { op, path, from: place(getOwn(item, 'from'), 'from') };
    default:
      throw malformed(`Unexpected kind: ${typeof op === 'string' ? op : 'unknown'}`);
  }
}

function place(text: JsonValue | undefined, member: string): Place {
  if (typeof text !== 'string') throw malformed(`operation missing ${member} field`);
  const tokens = parsePointer(text);
  if (tokens === undefined) throw new JsonPatchError('missing-path', `doc is missing path: "${text}"`);
  return { text, tokens };
}

function requireValue(value: JsonValue | undefined, op: string): JsonValue {
  if (value === undefined) throw malformed(`${op} operation, missing value field`);
  return value;
}

function malformed(message: string): JsonPatchError {
  return new JsonPatchError('malformed', message);
}
