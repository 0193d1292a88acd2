import { parseStoredJson } from '@kcp/apimachinery/json/parse';
import { isObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { StorageError } from '@kcp/storage/errors';

/** Parses what the store holds; the caller owns the result. Throws StorageError `corrupt` for what is no object. */
export function parseStored(value: Buffer): KubeObject {
  const object = parseStoredJson(value.toString('utf8'));
  if (!isKubeObject(object)) throw new StorageError('corrupt', 'a stored value is not an object of the API');
  return object;
}

function isKubeObject(value: ReturnType<typeof parseStoredJson>): value is KubeObject {
  return (
    isObject(value) &&
    typeof value.kind === 'string' &&
    typeof value.apiVersion === 'string' &&
    isObject(value.metadata)
  );
}
