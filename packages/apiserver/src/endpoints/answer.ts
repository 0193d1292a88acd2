import { type Status, statusObject } from '@kcp/apimachinery/errors/status-error';
import { parseStoredJson } from '@kcp/apimachinery/json/parse';
import { stringify } from '@kcp/apimachinery/json/stringify';
import type { JsonObject, JsonValue } from '@kcp/apimachinery/json/value';
import { valueEnd } from '@kcp/storage/watch-cache/json-scan';
import { metadataStart } from '@kcp/storage/watch-cache/resource-version';
import type { BytesResponse } from '../http/exchange.js';
import { encodeObject } from '../registry/encode-object.js';
import { parseStored } from '../registry/parse-stored.js';
import type { ResourceType } from '../registry/resource-type.js';
import type { WriteResult } from '../registry/write-scope.js';
import { MEDIA_TYPES, type OutputFormat } from '../request/negotiation.js';
import { protobufOf } from './protobuf-output.js';
import { singleTable } from './table-output.js';

export interface AnswerContext {
  readonly type: ResourceType;
  readonly format: OutputFormat;
  /** The query parameter of table answers. */
  readonly includeObject: string;
  readonly now: number;
}

const METADATA_CONVERSION = 'PartialObjectMetadata';

/** Answers with one object of the version of the URL, given as final JSON. */
export function answerObject(
  context: AnswerContext,
  status: number,
  bytes: Buffer,
): Promise<BytesResponse> | BytesResponse {
  const { format } = context;
  if (format.as === 'object') {
    if (format.encoding === 'json' && !format.pretty) return bytesResponse(status, MEDIA_TYPES.json, bytes);
    return answerValue(format, status, () => parseStored(bytes));
  }
  if (format.as === METADATA_CONVERSION) return answerValue(format, status, () => metadataOnly(bytes, format));
  const table = singleTable(context, parseStored(bytes));
  return answerValue({ ...format, as: 'object' }, status, () => table);
}

/** Answers with what a write left behind, as the version of the URL shows it. */
export function answerWrite(
  context: AnswerContext,
  status: number,
  result: WriteResult,
): Promise<BytesResponse> | BytesResponse {
  return answerObject(context, status, writtenBytes(context.type, result));
}

/** The bytes of a write's result in the version of the URL. */
export function writtenBytes(type: ResourceType, result: WriteResult): Buffer {
  if (type.codec.sameAsStorage) return result.bytes;
  const version = result.revision === undefined ? undefined : String(result.revision);
  return Buffer.from(encodeObject(type.codec.fromStorage(result.object), version), 'utf8');
}

/** Answers with a value that is no stored object (a review, a Status, a projection). */
export async function answerValue(
  format: OutputFormat,
  status: number,
  value: () => JsonObject,
): Promise<BytesResponse> {
  switch (format.encoding) {
    case 'json':
      return bytesResponse(status, MEDIA_TYPES.json, Buffer.from(jsonText(value(), format.pretty), 'utf8'));
    case 'yaml': {
      const { writeYaml } = await import('@kcp/apimachinery/codec/write-yaml');
      return bytesResponse(status, MEDIA_TYPES.yaml, Buffer.from(writeYaml(value()), 'utf8'));
    }
    case 'protobuf':
      return bytesResponse(status, MEDIA_TYPES.protobuf, protobufOf(value()));
  }
}

/** Answers with a Status; success or failure. */
export function answerStatus(format: OutputFormat, status: Status, code: number): Promise<BytesResponse> {
  return answerValue({ ...format, as: 'object' }, code, () => statusObject(status));
}

export function bytesResponse(status: number, contentType: string, ...body: Buffer[]): BytesResponse {
  return { kind: 'bytes', status, headers: { 'content-type': contentType }, body };
}

/** The JSON of any answer, indented for people when they ask. */
export function jsonText(value: JsonValue, pretty: boolean): string {
  if (!pretty) return stringify(value);
  return JSON.stringify(value, (_key, member) => (typeof member === 'bigint' ? Number(member) : member), 2);
}

/** The rest of the object, which may be large, is not looked at. */
function metadataOnly(bytes: Buffer, format: OutputFormat): JsonObject {
  const start = metadataStart(bytes);
  const metadata = parseStoredJson(bytes.toString('utf8', start, valueEnd(bytes, start)));
  return { kind: METADATA_CONVERSION, apiVersion: format.asVersion, metadata };
}
