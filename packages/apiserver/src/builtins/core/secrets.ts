import { type FieldError, invalid, required, tooLong } from '@kcp/apimachinery/errors/field-error';
import { parseJson } from '@kcp/apimachinery/json/parse';
import { JsonSyntaxError } from '@kcp/apimachinery/json/syntax-error';
import { getOwn, isObject, setOwn } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readString } from '@kcp/apimachinery/schema/read';
import { keyPath } from '@kcp/apimachinery/validation/field-path';
import { validateImmutable } from '@kcp/apimachinery/validation/object-meta';
import { builtinStrategy } from '../builtin-strategy.js';
import { builtinType } from '../builtin-type.js';
import { coreV1, SECRET_BYTES_MAX } from './core-group.js';
import { decodedBytes, immutableErrors, keyErrors, textEntries } from './data-entries.js';

const OPAQUE = 'Opaque';
const ACCOUNT_NAME = 'kubernetes.io/service-account.name';
const REDACTED = '<secret contents redacted>';

export const SECRETS = builtinType({
  gvk: coreV1('Secret'),
  plural: 'secrets',
  namespaced: true,
  defaults,
  selectableFields: { type: (secret) => readString(secret, 'type') },
  strategy: builtinStrategy(
    {
      validateCreate: validate,
      validateUpdate: (object, old) => [
        ...validateImmutable(object.type, old.type, 'type'),
        ...immutableErrors(object, old, ['data']),
        ...validate(object),
      ],
    },
    'core',
    'change, whole',
  ),
});

/** The type, and `stringData`, which only writers know: it goes over what `data` holds. */
function defaults(secret: KubeObject): void {
  if (readString(secret, 'type') === '') secret.type = OPAQUE;
  if (secret.stringData === undefined) return;
  const data = { ...readObject(secret, 'data') };
  for (const [key, value] of textEntries(secret, 'stringData')) {
    setOwn(data, key, Buffer.from(value, 'utf8').toString('base64'));
  }
  delete secret.stringData;
  const { type = OPAQUE } = secret;
  delete secret.type;
  Object.assign(secret, { data, type });
}

function validate(secret: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of textEntries(secret, 'data')) {
    errors.push(...keyErrors(key, 'data'));
    bytes += decodedBytes(value);
  }
  if (bytes > SECRET_BYTES_MAX) errors.push(tooLong('data', SECRET_BYTES_MAX));
  return [...errors, ...typeErrors(secret)];
}

/** What each of upstream's own types must hold. */
function typeErrors(secret: KubeObject): FieldError[] {
  switch (secret.type) {
    case 'kubernetes.io/service-account-token':
      return accountErrors(secret);
    case 'kubernetes.io/dockercfg':
      return jsonErrors(secret, '.dockercfg');
    case 'kubernetes.io/dockerconfigjson':
      return jsonErrors(secret, '.dockerconfigjson');
    case 'kubernetes.io/basic-auth':
      return has(secret, 'username') || has(secret, 'password') ? [] : missing('username', 'password');
    case 'kubernetes.io/ssh-auth':
      return entryText(secret, 'ssh-privatekey') ? [] : missing('ssh-privatekey');
    case 'kubernetes.io/tls':
      return missing(...['tls.crt', 'tls.key'].filter((key) => !has(secret, key)));
    default:
      return [];
  }
}

function accountErrors(secret: KubeObject): FieldError[] {
  const name = getOwn(secret.metadata.annotations ?? {}, ACCOUNT_NAME);
  return name ? [] : [required(keyPath('metadata.annotations', ACCOUNT_NAME))];
}

function jsonErrors(secret: KubeObject, key: string): FieldError[] {
  const value = entryText(secret, key);
  if (value === undefined) return missing(key);
  const fault = jsonFault(Buffer.from(value, 'base64').toString('utf8'));
  return fault === undefined ? [] : [invalid(keyPath('data', key), REDACTED, fault)];
}

function jsonFault(text: string): string | undefined {
  try {
    const { value } = parseJson(text);
    return isObject(value) || value === null
      ? undefined
      : 'json: cannot unmarshal into Go value of type map[string]interface {}';
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error.message;
    throw error;
  }
}

function missing(...keys: readonly string[]): FieldError[] {
  return keys.map((key) => required(keyPath('data', key)));
}

function has(secret: KubeObject, key: string): boolean {
  return entryText(secret, key) !== undefined;
}

function entryText(secret: KubeObject, key: string): string | undefined {
  const value = getOwn(readObject(secret, 'data') ?? {}, key);
  return typeof value === 'string' ? value : undefined;
}
