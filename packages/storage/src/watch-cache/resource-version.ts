import { parseStoredJson } from '@kcp/apimachinery/json/parse';
import { stringify } from '@kcp/apimachinery/json/stringify';
import { getOwn, isObject, type JsonObject, setOwn } from '@kcp/apimachinery/json/value';
import { StorageError } from '../errors.js';
import type { Revision } from '../store.js';

/** The form in which objects are stored, up to the first member of metadata. */
const HEAD = /\{"kind":"[^"\\]*","apiVersion":"[^"\\]*","metadata":\{/y;
/** Longest head looked for: a kind and a version of 63 characters, a group of 253, and what stands between them. */
const HEAD_BYTES_MAX = 512;
const MEMBER = '"resourceVersion":"';
const CLOSING_BRACE = 0x7d;
const QUOTE = 0x22;

/**
 * The final bytes of a stored object: its JSON with `resourceVersion` as first member of metadata. `value` is the
 * object without a resourceVersion, its first members kind, apiVersion and metadata; a value in another order (written
 * by other hands) is put into this one. The result has memory of its own. Throws `corrupt` for what is no object.
 */
export function withResourceVersion(value: Buffer, revision: Revision): Buffer {
  const at = headEnd(value);
  if (at === -1) return withResourceVersion(inStoredForm(value), revision);
  return spliced(value, at, at, `${MEMBER}${revision}"${separatorAt(value, at)}`);
}

/** The same with a resourceVersion that a client made up; of an object in the stored form. */
export function withStatedVersion(value: Buffer, resourceVersion: string): Buffer {
  const at = headEnd(value);
  const member = Buffer.from(`"resourceVersion":${stringify(resourceVersion)}${separatorAt(value, at)}`);
  return Buffer.concat([value.subarray(0, at), member, value.subarray(at)]);
}

function separatorAt(value: Buffer, at: number): string {
  return value[at] === CLOSING_BRACE ? '' : ',';
}

/** The same final bytes with another resourceVersion. */
export function replaceResourceVersion(bytes: Buffer, revision: Revision): Buffer {
  const at = headEnd(bytes) + MEMBER.length;
  return spliced(bytes, at, bytes.indexOf(QUOTE, at), String(revision));
}

/** Where the value of `metadata` starts in final bytes: at its brace. */
export function metadataStart(bytes: Buffer): number {
  return headEnd(bytes) - 1;
}

/** The position of the first member of metadata; -1 when the bytes do not have the stored form. */
function headEnd(bytes: Buffer): number {
  HEAD.lastIndex = 0;
  return HEAD.test(bytes.toString('latin1', 0, HEAD_BYTES_MAX)) ? HEAD.lastIndex : -1;
}

/** `text` (ASCII) in the place of `[from, to)`. A buffer of its own: one from the pool would keep 8 KiB alive. */
function spliced(bytes: Buffer, from: number, to: number, text: string): Buffer {
  const out = Buffer.allocUnsafeSlow(bytes.length - (to - from) + text.length);
  bytes.copy(out, 0, 0, from);
  out.write(text, from, 'latin1');
  bytes.copy(out, from + text.length, to);
  return out;
}

function inStoredForm(value: Buffer): Buffer {
  const object = parseObject(value);
  const kind = getOwn(object, 'kind');
  const apiVersion = getOwn(object, 'apiVersion');
  const metadata = getOwn(object, 'metadata') ?? {};
  if (typeof kind !== 'string' || typeof apiVersion !== 'string' || !isObject(metadata)) throw notAnObject();
  const ordered: JsonObject = { kind, apiVersion, metadata: without(metadata, ['resourceVersion']) };
  for (const [key, member] of Object.entries(without(object, ['kind', 'apiVersion', 'metadata']))) {
    if (member !== undefined) setOwn(ordered, key, member);
  }
  const form = Buffer.from(stringify(ordered));
  if (headEnd(form) === -1) throw notAnObject();
  return form;
}

function parseObject(value: Buffer): JsonObject {
  let object: unknown;
  try {
    const parsed = parseStoredJson(value.toString());
    if (isObject(parsed)) return parsed;
  } catch (error) {
    object = error;
  }
  throw notAnObject(object);
}

function without(object: JsonObject, names: readonly string[]): JsonObject {
  const rest: JsonObject = {};
  for (const [key, member] of Object.entries(object)) {
    if (member !== undefined && !names.includes(key)) setOwn(rest, key, member);
  }
  return rest;
}

function notAnObject(cause?: unknown): StorageError {
  const options = cause === undefined ? {} : { cause };
  return new StorageError('corrupt', 'a stored value is no object with kind, apiVersion and metadata', {}, options);
}
