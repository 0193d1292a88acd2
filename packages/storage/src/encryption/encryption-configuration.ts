import { type FieldError, fieldErrorText, invalid, required } from '@kcp/apimachinery/errors/field-error';
import { getOwn, isObject, type JsonObject, type JsonValue } from '@kcp/apimachinery/json/value';
import { readObject, readObjects, readString, readStrings } from '@kcp/apimachinery/schema/read';
import { indexPath } from '@kcp/apimachinery/validation/field-path';
import { AesCbc } from './aes-cbc.js';
import { AesGcm } from './aes-gcm.js';
import type { ValueCipher } from './cipher.js';
import { type EncryptionRule, EncryptionRules } from './encryption-rules.js';
import { type KeyedProvider, type Provider, Providers } from './providers.js';
import { Secretbox } from './secretbox.js';

/** A configuration that cannot be used; the message never holds a key. */
export class EncryptionConfigurationError extends Error {
  constructor(why: string) {
    super(`the encryption configuration is invalid: ${why}`);
    this.name = 'EncryptionConfigurationError';
  }
}

type Kind = KeyedProvider['kind'];

const CIPHERS: Readonly<Record<Kind, (name: string, key: Buffer) => ValueCipher>> = {
  aesgcm: (name, key) => new AesGcm(name, key),
  aescbc: (name, key) => new AesCbc(name, key),
  secretbox: (name, key) => new Secretbox(name, key),
};
const KINDS: readonly Kind[] = ['aesgcm', 'aescbc', 'secretbox'];
const KEY_BYTES: Readonly<Record<Kind, readonly number[]>> = {
  aesgcm: [16, 24, 32],
  aescbc: [16, 24, 32],
  secretbox: [32],
};
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * Understands an `EncryptionConfiguration` of `apiserver.config.k8s.io/v1`, with upstream's rules for it. KMS plugins are
 * not supported. Throws EncryptionConfigurationError, which names every fault.
 */
export function parseEncryptionConfiguration(value: JsonValue): EncryptionRules {
  if (!isObject(value) || readString(value, 'kind') !== 'EncryptionConfiguration') {
    throw new EncryptionConfigurationError('it is no EncryptionConfiguration');
  }
  if (readString(value, 'apiVersion') !== 'apiserver.config.k8s.io/v1') {
    throw new EncryptionConfigurationError('its apiVersion must be apiserver.config.k8s.io/v1');
  }
  const errors: FieldError[] = [];
  const entries = readObjects(value, 'resources');
  if (entries.length === 0) errors.push(required('resources', 'at least one resources is required'));
  const rules = entries.map((entry, index) => readRule(entry, indexPath('resources', index), errors));
  if (errors.length > 0) throw new EncryptionConfigurationError(errors.map(fieldErrorText).join(', '));
  return new EncryptionRules(rules.filter((rule) => rule !== undefined));
}

function readRule(entry: JsonObject, path: string, errors: FieldError[]): EncryptionRule | undefined {
  const resources = readStrings(entry, 'resources');
  errors.push(...resourceErrors(resources, `${path}.resources`));
  const list = readObjects(entry, 'providers');
  if (list.length === 0) errors.push(required(`${path}.providers`, `at least one ${path}.providers is required`));
  const providers = list.map((provider, index) =>
    readProvider(provider, indexPath(`${path}.providers`, index), errors),
  );
  const [first, ...others] = providers.filter((provider) => provider !== undefined);
  return first === undefined ? undefined : { resources, providers: new Providers([first, ...others]) };
}

function resourceErrors(resources: readonly string[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (resources.length === 0) errors.push(required(path, `at least one ${path} is required`));
  if (new Set(resources).size < resources.length)
    errors.push(invalid(path, [...resources], 'cannot have duplicate resources'));
  if (overlap(resources))
    errors.push(
      invalid(
        path,
        [...resources],
        "using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as they will be masked",
      ),
    );
  resources.forEach((name, index) => {
    const fault = nameFault(name);
    if (fault !== undefined) errors.push(invalid(indexPath(path, index), name, fault));
  });
  return errors;
}

function overlap(resources: readonly string[]): boolean {
  if (resources.length > 1 && resources.includes('*.*')) return true;
  const wildcards = resources.filter((name) => name.startsWith('*.')).map((name) => name.slice(2));
  return resources.some((name) => !name.startsWith('*.') && wildcards.includes(groupOf(name)));
}

function groupOf(name: string): string {
  const dot = name.indexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1);
}

function nameFault(name: string): string | undefined {
  if (name !== name.toLowerCase()) return 'resource name should not have capital letters';
  if (name === '*') return "use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources";
  if (groupOf(name) === 'events.k8s.io')
    return "'*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead in the config file";
  if (groupOf(name) === '*' && name !== '*.*') return 'encrypting the same resource across groups is not supported';
  return undefined;
}

function readProvider(entry: JsonObject, path: string, errors: FieldError[]): Provider | undefined {
  const names = [...KINDS, 'identity', 'kms'].filter((name) => isObject(getOwn(entry, name)));
  const fault = (why: string): undefined => {
    errors.push(invalid(path, Object.keys(entry), why));
    return undefined;
  };
  if (names.length === 0) {
    return fault('provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity');
  }
  if (names.length > 1)
    return fault('more than one provider specified in a single element, should split into different list elements');
  if (names[0] === 'kms') return fault('KMS plugins are not supported');
  if (names[0] === 'identity') return { kind: 'identity' };
  const kind = KINDS.find((one) => one === names[0]);
  return kind === undefined ? undefined : readKeys(kind, readObject(entry, kind) ?? {}, `${path}.${kind}.keys`, errors);
}

function readKeys(kind: Kind, body: JsonObject, path: string, errors: FieldError[]): KeyedProvider | undefined {
  const keys = readObjects(body, 'keys');
  if (keys.length === 0) errors.push(required(path, 'at least one keys is required'));
  const ciphers = keys.map((key, index) => readKey(kind, key, indexPath(path, index), errors));
  const [first, ...others] = ciphers.filter((cipher) => cipher !== undefined);
  return first === undefined ? undefined : { kind, ciphers: [first, ...others] };
}

function readKey(kind: Kind, entry: JsonObject, path: string, errors: FieldError[]): ValueCipher | undefined {
  const name = readString(entry, 'name');
  const secret = readString(entry, 'secret');
  const fault = (error: FieldError): undefined => {
    errors.push(error);
    return undefined;
  };
  if (name === '') return fault(required(`${path}.name`, 'named key is required'));
  if (name.includes(':')) return fault(invalid(`${path}.name`, name, 'must not contain a colon'));
  if (secret === '') return fault(required(`${path}.secret`, 'secret is required'));
  if (!BASE64.test(secret)) return fault(invalid(`${path}.secret`, 'REDACTED', 'secret must be base64 encoded'));
  const bytes = Buffer.from(secret, 'base64');
  if (!KEY_BYTES[kind].includes(bytes.length)) {
    const sizes = KEY_BYTES[kind].join(' ');
    return fault(
      invalid(
        `${path}.secret`,
        'REDACTED',
        `secret is not of the expected length, got ${bytes.length}, expected one of [${sizes}]`,
      ),
    );
  }
  return CIPHERS[kind](name, bytes);
}
