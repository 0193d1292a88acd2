import { jsonTypeName } from '../json/type-name.js';
import { getOwn, isObject, type JsonObject, type JsonValue } from '../json/value.js';
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
  if (!Array.isArray(patch)) throw wrongType(patch, 'value of type jsonpatch.Patch');
  if (patch.length > MAX_JSON_PATCH_OPERATIONS) {
    const text = `The allowed maximum operations in a JSON patch is ${MAX_JSON_PATCH_OPERATIONS}, got ${patch.length}`;
    throw new JsonPatchError('too-many-operations', text);
  }
  return patch.map(parseOperation);
}

/** As in upstream's library a value that is not stated is null. */
function parseOperation(item: JsonValue): JsonPatchOperation {
  if (item === null) throw unfit('Unexpected kind: unknown');
  if (!isObject(item)) throw wrongType(item, 'value of type handlers.jsonPatchOp');
  const op = text(item, 'op');
  const [pathText, fromText] = [text(item, 'path'), text(item, 'from')];
  switch (op) {
    case 'add':
    case 'replace':
    case 'test':
      return { op, path: place(pathText, 'path'), value: getOwn(item, 'value') ?? null };
    case 'remove':
      return { op, path: place(pathText, 'path') };
    case 'move':
    case 'copy':
      return { op, path: place(pathText, 'path'), from: place(fromText, 'from') };
    default:
      throw unfit(`Unexpected kind: ${op ?? 'unknown'}`);
  }
}

function text(item: JsonObject, member: string): string | undefined {
  const value = getOwn(item, member);
  if (value === undefined || value === null || typeof value === 'string') return value ?? undefined;
  throw wrongType(value, `struct field jsonPatchOp.${member} of type string`);
}

function place(text: string | undefined, member: string): Place {
  if (text === undefined) throw unfit(`operation missing ${member} field`);
  const tokens = parsePointer(text);
  if (tokens === undefined) throw new JsonPatchError('missing-path', `doc is missing path: "${text}"`);
  return { text, tokens };
}

function unfit(message: string): JsonPatchError {
  return new JsonPatchError('unknown-operation', message);
}

function wrongType(value: JsonValue, wanted: string): JsonPatchError {
  return new JsonPatchError('malformed', `json: cannot unmarshal ${jsonTypeName(value)} into Go ${wanted}`);
}
