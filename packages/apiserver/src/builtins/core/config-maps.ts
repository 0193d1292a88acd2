import { type FieldError, invalid, tooLong } from '@kcp/apimachinery/errors/field-error';
import { getOwn } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject } from '@kcp/apimachinery/schema/read';
import { keyPath } from '@kcp/apimachinery/validation/field-path';
import { builtinStrategy } from '../builtin-strategy.js';
import { builtinType } from '../builtin-type.js';
import { coreV1, SECRET_BYTES_MAX } from './core-group.js';
import { decodedBytes, immutableErrors, keyErrors, textEntries } from './data-entries.js';

/** What upstream calls the object as a whole. */
const WHOLE = '[]';

export const CONFIG_MAPS = builtinType({
  gvk: coreV1('ConfigMap'),
  plural: 'configmaps',
  shortNames: ['cm'],
  namespaced: true,
  strategy: builtinStrategy(
    {
      validateCreate: validate,
      validateUpdate: (object, old) => [...immutableErrors(object, old, ['data', 'binaryData']), ...validate(object)],
    },
    'core',
    'change, whole',
  ),
});

function validate(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of textEntries(object, 'data')) {
    errors.push(...keyErrors(key, 'data'), ...duplicateErrors(object, key, 'data', 'binaryData'));
    bytes += Buffer.byteLength(value);
  }
  for (const [key, value] of textEntries(object, 'binaryData')) {
    errors.push(...keyErrors(key, 'binaryData'), ...duplicateErrors(object, key, 'binaryData', 'data'));
    bytes += decodedBytes(value);
  }
  if (bytes > SECRET_BYTES_MAX) errors.push(tooLong(WHOLE, SECRET_BYTES_MAX));
  return errors;
}

function duplicateErrors(object: KubeObject, key: string, field: string, other: string): FieldError[] {
  if (getOwn(readObject(object, other) ?? {}, key) === undefined) return [];
  return [invalid(keyPath(field, key), key, `duplicate of key present in ${other}`)];
}
