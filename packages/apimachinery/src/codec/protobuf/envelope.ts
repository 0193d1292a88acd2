import { newBadRequest, type StatusError } from '../../errors/status-error.js';
import type { JsonObject } from '../../json/value.js';
import { isObject } from '../../json/value.js';
import { apiVersionOf, type GroupVersionKind, parseApiVersion } from '../../meta/resource.js';
import { typeOf } from '../../types/type-of.js';
import type { StructType } from '../../types/type-ref.js';
import { UndecodableError } from '../decode-context.js';
import { decodeMessage } from './decode-message.js';
import { encodeMessage } from './encode-message.js';
import { ProtobufError, WireReader } from './wire-reader.js';
import { WireWriter } from './wire-writer.js';

/** The first bytes of every object in protobuf; what follows is a `runtime.Unknown`. */
const PREFIX = Buffer.from('k8s\0', 'latin1');

/** What the envelope around a message says. `raw` is a view into the bytes given. */
export interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Buffer;
}

/** Puts the envelope around an encoded message. */
export function envelop(apiVersion: string, kind: string, message: Uint8Array): Buffer {
  const writer = new WireWriter();
  writer.text(4, '');
  writer.text(3, '');
  writer.bytes(2, message);
  const before = writer.size;
  writer.text(2, kind);
  writer.text(1, apiVersion);
  writer.message(1, before);
  writer.raw(PREFIX);
  return writer.finish();
}

/** Takes the envelope off. Throws ProtobufError. */
export function openEnvelope(bytes: Uint8Array): Envelope {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isEnveloped(buffer)) {
    throw new ProtobufError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  }
  const reader = new WireReader(buffer, PREFIX.length);
  let meta = { apiVersion: '', kind: '' };
  let raw = buffer.subarray(0, 0);
  while (!reader.done) {
    const tag = reader.varint();
    if (tag === 10) meta = readTypeMeta(reader.message());
    else if (tag === 18) raw = reader.bytes();
    else reader.skip(tag & 7);
  }
  return { ...meta, raw };
}

/** True when the bytes begin as an object in protobuf does. */
export function isEnveloped(bytes: Uint8Array): boolean {
  return PREFIX.equals(bytes.subarray(0, PREFIX.length));
}

function readTypeMeta(reader: WireReader): { apiVersion: string; kind: string } {
  let apiVersion = '';
  let kind = '';
  while (!reader.done) {
    const tag = reader.varint();
    if (tag === 10) apiVersion = reader.text();
    else if (tag === 18) kind = reader.text();
    else reader.skip(tag & 7);
  }
  return { apiVersion, kind };
}

/**
 * Encodes a canonical object with its envelope, which names the version unless it is to name another. Throws when the
 * kind has no protobuf form (a custom resource).
 */
export function encodeProtobuf(gvk: GroupVersionKind, object: JsonObject, apiVersion = apiVersionOf(gvk)): Buffer {
  return envelop(apiVersion, gvk.kind, encodeMessage(protobufType(gvk), object));
}

/** True when the kind can be written and read as protobuf. */
export function hasProtobuf(gvk: GroupVersionKind): boolean {
  const type = typeOf(gvk);
  return type !== undefined && isProtobuf(type);
}

function isProtobuf(type: StructType): boolean {
  return type.protoFields.length > 0 || type.fields.length === 0;
}

function protobufType(gvk: GroupVersionKind): StructType {
  const type = typeOf(gvk);
  if (type === undefined || !hasProtobuf(gvk)) {
    throw new TypeError(`${gvk.kind} of ${apiVersionOf(gvk)} has no protobuf form`);
  }
  return type;
}

/** Kinds that are the same in every group and version: clients name that of the object (upstream: unversioned types). */
const OPTIONS: ReadonlySet<string> = new Set(['CreateOptions', 'DeleteOptions', 'UpdateOptions']);

/** A decoded object with what the envelope, or the request in its place, says of its kind. */
export interface DecodedProtobuf {
  readonly gvk: GroupVersionKind;
  readonly object: JsonObject;
}

/**
 * Decodes an enveloped object of a built-in kind; `apiVersion` and `kind` are members of the result. What the envelope
 * leaves open is taken from `expected`. Throws StatusError 400: garbage, or a kind that is not built in.
 */
export function decodeProtobuf(bytes: Uint8Array, expected?: GroupVersionKind): DecodedProtobuf {
  const envelope = open(bytes);
  const gv = envelope.apiVersion === '' ? expected : parseApiVersion(envelope.apiVersion);
  const kind = envelope.kind === '' ? (expected?.kind ?? '') : envelope.kind;
  if (gv === undefined) throw newBadRequest(`unable to decode: no version in the protobuf envelope of kind "${kind}"`);
  const gvk = { group: gv.group, version: gv.version, kind };
  const type = typeOf(OPTIONS.has(kind) ? { group: '', version: 'v1', kind } : gvk);
  if (type === undefined || !isProtobuf(type)) {
    throw newBadRequest(`no kind "${kind}" is registered for version "${apiVersionOf(gvk)}" in scheme`);
  }
  try {
    const message = decodeMessage(type, envelope.raw);
    return { gvk, object: withTypeMeta(type, gvk, message) };
  } catch (error) {
    if (error instanceof ProtobufError) throw new UndecodableError(kind, gvk.version, error.message);
    throw error;
  }
}

function open(bytes: Uint8Array): Envelope {
  try {
    return openEnvelope(bytes);
  } catch (error) {
    if (error instanceof ProtobufError) throw garbage(error);
    throw error;
  }
}

function garbage(error: ProtobufError): StatusError {
  return newBadRequest(error.message);
}

/** Kind and version first, as Go writes them; a type without them (WatchEvent) stays as it is. */
function withTypeMeta(type: StructType, gvk: GroupVersionKind, message: JsonObject): JsonObject {
  if (type.field('apiVersion') === undefined || !isObject(message)) return message;
  return { kind: gvk.kind, apiVersion: apiVersionOf(gvk), ...message };
}
