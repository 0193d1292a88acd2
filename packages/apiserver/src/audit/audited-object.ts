import { decodeProtobuf } from '@kcp/apimachinery/codec/protobuf/envelope';
import { StatusError } from '@kcp/apimachinery/errors/status-error';
import { parseJson } from '@kcp/apimachinery/json/parse';
import { JsonSyntaxError } from '@kcp/apimachinery/json/syntax-error';
import { getOwn, isObject, type JsonObject, type JsonValue } from '@kcp/apimachinery/json/value';
import { readObject, readString } from '@kcp/apimachinery/schema/read';
import type { ResourceAttributes } from '../authz/authorizer.js';

/** What a body holds, a JSON patch as the list that it is; undefined for what is neither JSON nor protobuf. */
export function bodyValue(bytes: Buffer, contentType: string): JsonValue | undefined {
  try {
    if (contentType.startsWith('application/vnd.kubernetes.protobuf')) return decodeProtobuf(bytes).object;
    return parseJson(bytes.toString('utf8')).value;
  } catch (error) {
    if (error instanceof JsonSyntaxError || error instanceof StatusError) return undefined;
    throw error;
  }
}

/** What an event says of an answer: its code, and of a Status all but what is not bounded. */
export function recordedStatus(code: number, answer: JsonValue | undefined): JsonObject {
  const shown: JsonObject = { metadata: {} };
  if (isObject(answer) && readString(answer, 'kind') === 'Status') {
    for (const name of ['status', 'message', 'reason', 'details']) {
      const value = getOwn(answer, name);
      if (value !== undefined) shown[name] = value;
    }
  }
  shown.code = code;
  return shown;
}

/** `objectRef`: what the URL names, and what the body adds to it. */
export function completeReference(attributes: ResourceAttributes, body: JsonValue | undefined): JsonObject {
  const { resource, namespace, name, group, version, subresource } = attributes;
  const metadata = (isObject(body) ? readObject(body, 'metadata') : undefined) ?? {};
  const members = {
    resource,
    namespace: namespace || readString(metadata, 'namespace'),
    name: name || readString(metadata, 'name'),
    uid: readString(metadata, 'uid'),
    apiGroup: group,
    apiVersion: version,
    resourceVersion: readString(metadata, 'resourceVersion'),
    subresource,
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== ''));
}

/** The object, and the items of a list or table, without what says who wrote which field. */
export function withoutManagedFields(object: JsonValue): JsonValue {
  if (!isObject(object)) return object;
  const bare = bareObject(object);
  for (const name of ['items', 'rows'] as const) {
    const list = getOwn(bare, name);
    if (Array.isArray(list)) bare[name] = list.map((item) => (isObject(item) ? bareItem(item) : item));
  }
  return bare;
}

function bareItem(item: JsonObject): JsonObject {
  const inner = readObject(item, 'object');
  return inner === undefined ? bareObject(item) : { ...item, object: bareObject(inner) };
}

function bareObject(object: JsonObject): JsonObject {
  const metadata = readObject(object, 'metadata');
  if (metadata === undefined) return { ...object };
  const { managedFields: _dropped, ...kept } = metadata;
  return { ...object, metadata: kept };
}
