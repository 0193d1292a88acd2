import { decodeProtobuf, isEnveloped } from '@kcp/apimachinery/codec/protobuf/envelope';
import { parseStoredJson } from '@kcp/apimachinery/json/parse';
import { stringify } from '@kcp/apimachinery/json/stringify';
import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import { StorageError } from '../errors.js';

/** How the values that the store writes begin: kind, apiVersion and metadata come first, in that order. */
const OWN_START = Buffer.from('{"kind":"');
const BRACE = 0x7b;

/**
 * A value as another kcp or Kubernetes wrote it, in the form that this one writes: JSON whose members stand in another
 * order, or protobuf of a built-in kind. What is neither (a value that is encrypted) stays as it is. Throws `corrupt`.
 */
export function readForeignValue(value: Buffer): Buffer {
  if (value[0] === BRACE) return value.subarray(0, OWN_START.length).equals(OWN_START) ? value : reordered(value);
  return isEnveloped(value) ? stored(() => decodeProtobuf(value).object) : value;
}

function reordered(value: Buffer): Buffer {
  return stored(() => {
    const object = parseStoredJson(value.toString());
    if (!isObject(object)) throw new TypeError('it is no object');
    return object;
  });
}

function stored(read: () => JsonObject): Buffer {
  try {
    const { kind = '', apiVersion = '', metadata = {}, ...rest } = read();
    return Buffer.from(stringify({ kind, apiVersion, metadata, ...rest }));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StorageError('corrupt', `a stored value cannot be read: ${why}`, {}, { cause: error });
  }
}
