import { type FieldError, forbidden, invalid } from '@kcp/apimachinery/errors/field-error';
import { deepEqual, type JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject } from '@kcp/apimachinery/schema/read';
import { keyPath } from '@kcp/apimachinery/validation/field-path';
import { configMapKey } from '@kcp/apimachinery/validation/names';
import { IMMUTABLE_TEXT } from './core-group.js';

/** The string members of `object[name]`, whose types the decoder has checked. */
export function textEntries(object: JsonObject, name: string): [string, string][] {
  const map = readObject(object, name);
  if (map === undefined) return [];
  return Object.entries(map).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
}

export function keyErrors(key: string, field: string): FieldError[] {
  return configMapKey(key).map((text) => invalid(keyPath(field, key), key, text));
}

/** Bytes that base64 text stands for. */
export function decodedBytes(base64: string): number {
  return Buffer.byteLength(base64, 'base64');
}

/** A ConfigMap or Secret marked immutable keeps the mark and its data for ever. */
export function immutableErrors(object: KubeObject, old: KubeObject, members: readonly string[]): FieldError[] {
  if (old.immutable !== true) return [];
  const errors = object.immutable === true ? [] : [forbidden('immutable', IMMUTABLE_TEXT)];
  for (const name of members) {
    if (!deepEqual(object[name], old[name])) errors.push(forbidden(name, IMMUTABLE_TEXT));
  }
  return errors;
}
