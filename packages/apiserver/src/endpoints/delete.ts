import { decodeProtobuf } from '@kcp/apimachinery/codec/protobuf/envelope';
import type { Status } from '@kcp/apimachinery/errors/status-error';
import { newBadRequest, newUnsupportedMediaType } from '@kcp/apimachinery/errors/status-error';
import { parseJson } from '@kcp/apimachinery/json/parse';
import { JsonSyntaxError } from '@kcp/apimachinery/json/syntax-error';
import { isObject, type JsonObject, type JsonValue } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { ApiResponse } from '../http/exchange.js';
import { REQUEST_BODY_BYTES_MAX } from '../limits.js';
import { deleteObject } from '../registry/delete-object.js';
import type { ResourceType } from '../registry/resource-type.js';
import { type DeleteOptions, parseDeleteOptions } from '../request/delete-options.js';
import { parseMediaType } from '../request/media-type.js';
import { MEDIA_TYPES } from '../request/negotiation.js';
import { answerStatus, answerWrite } from './answer.js';
import { foreignKind, parseGroupVersion } from './foreign-kind.js';
import { answerContext, singleFormat } from './get.js';
import { type ResourceRequest, writeScope } from './resource-request.js';
import { parseYamlBody } from './yaml-body.js';

/** DELETE of one object. */
export async function deleteEndpoint(rr: ResourceRequest): Promise<ApiResponse> {
  const format = singleFormat(rr);
  const options = await readDeleteOptions(rr);
  const scope = writeScope(rr, deletionWrite(options), rr.target.name);
  const result = await deleteObject(rr.registry, scope, options);
  const gone = result.outcome === 'deleted';
  if (!gone || rr.type.strategy.deleteReturnsObject) return answerWrite(answerContext(rr, format), 200, result);
  return answerStatus(format, deletedStatus(rr.type, result.object), 200);
}

/** What a deletion is to the write path: it has no manager and no fields to validate. */
export function deletionWrite(options: DeleteOptions): Parameters<typeof writeScope>[1] {
  return { dryRun: options.dryRun, fieldManager: '', fieldValidation: 'Ignore', force: false, stated: options.stated };
}

/** DeleteOptions from the body, else from the query. Throws 400 and 422. */
export async function readDeleteOptions(rr: ResourceRequest): Promise<DeleteOptions> {
  const bytes = await rr.request.body(REQUEST_BODY_BYTES_MAX);
  const body = bytes.length === 0 ? undefined : await decodeOptions(rr, bytes);
  if (isObject(body)) refuseForeign(body);
  return parseDeleteOptions(rr.info.query, body);
}

/** Every group has options of that kind; a kind that nobody knows cannot even be decoded. */
function refuseForeign({ kind = OPTIONS.kind, apiVersion = '' }: JsonObject): void {
  if (typeof kind !== 'string' || kind === OPTIONS.kind || typeof apiVersion !== 'string') return;
  const why = foreignKind(OPTIONS, { ...OPTIONS, ...(apiVersion === '' ? {} : parseGroupVersion(apiVersion)), kind });
  if (why?.startsWith('no kind')) throw newBadRequest(why);
}

const OPTIONS = { group: '', version: 'v1', kind: 'DeleteOptions' };

async function decodeOptions(rr: ResourceRequest, bytes: Buffer): Promise<JsonValue> {
  const mediaType = parseMediaType(rr.request.header('content-type') ?? '').type || MEDIA_TYPES.json;
  const known = Object.values(MEDIA_TYPES);
  if (!known.includes(mediaType)) throw newUnsupportedMediaType(known);
  const refuse = (why: string): Error => newBadRequest(`couldn't get version/kind; json parse error: ${why}`);
  if (mediaType === MEDIA_TYPES.protobuf) {
    return decodeProtobuf(bytes, OPTIONS).object;
  }
  if (mediaType === MEDIA_TYPES.yaml) return (await parseYamlBody(bytes.toString('utf8'), refuse)).value;
  try {
    return parseJson(bytes.toString('utf8')).value;
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw refuse(error.message);
    throw error;
  }
}

function deletedStatus(type: ResourceType, object: KubeObject): Status {
  const { name = '', uid = '' } = object.metadata;
  const group = type.gvk.group === '' ? {} : { group: type.gvk.group };
  const details = { name, ...group, kind: type.names.plural, uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}
