import { parseStoredJson } from '@kcp/apimachinery/json/parse';
import { getOwn, isObject, type JsonObject, type JsonValue } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readList, readNumber, readObject, readString } from '@kcp/apimachinery/schema/read';
import { TransportError } from '../transport/transport.js';
import type { ObjectList } from './options.js';

/** Decodes JSON that an API server has written: large integers stay exact. Throws TransportError. */
export function decodeJson(bytes: Buffer): JsonValue {
  try {
    return parseStoredJson(bytes.toString('utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new TransportError(`the server's answer is no JSON: ${why}`, { cause: error });
  }
}

/** Decodes one object. Throws TransportError. */
export function decodeObject(bytes: Buffer): KubeObject {
  return objectOf(decodeJson(bytes));
}

/** Takes a decoded value for an object of the API. Throws TransportError. */
export function objectOf(value: JsonValue | undefined): KubeObject {
  if (isKubeObject(value)) return value;
  throw new TransportError('the server answered with something that is no object of its API');
}

export function isKubeObject(value: JsonValue | undefined): value is KubeObject {
  if (!isObject(value)) return false;
  return typeof value.kind === 'string' && typeof value.apiVersion === 'string' && isObject(value.metadata);
}

/** Decodes a list. Items that leave out kind and apiVersion get them from the list's own. Throws TransportError. */
export function decodeList(bytes: Buffer): ObjectList {
  const list = decodeJson(bytes);
  if (!isObject(list) || !Array.isArray(getOwn(list, 'items'))) {
    throw new TransportError('the server answered with something that is no list');
  }
  const metadata = readObject(list, 'metadata') ?? {};
  const token = readString(metadata, 'continue');
  const remaining = readNumber(metadata, 'remainingItemCount');
  return {
    items: itemsOf(list),
    resourceVersion: readString(metadata, 'resourceVersion'),
    ...(token === '' ? {} : { continue: token }),
    ...(remaining === undefined ? {} : { remaining }),
  };
}

function itemsOf(list: JsonObject): KubeObject[] {
  const kind = readString(list, 'kind').replace(/List$/, '');
  const apiVersion = readString(list, 'apiVersion');
  return readList(list, 'items').map((item) => {
    if (isKubeObject(item)) return item;
    return objectOf(isObject(item) ? { kind, apiVersion, ...item } : item);
  });
}
