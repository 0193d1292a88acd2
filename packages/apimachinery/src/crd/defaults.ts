import { isObject, type JsonObject } from '../json/value.js';
import { readBoolean, readObject, readObjects, readString, readStrings } from '../schema/read.js';

const SERVICE_PORT = 443;

/**
 * Defaults of a CustomResourceDefinition of form v1, as a new object that shares what did not change: singular and
 * listKind from the kind, conversion None, the port of a conversion service.
 */
export function defaultCustomResourceDefinition(crd: JsonObject): JsonObject {
  const spec = readObject(crd, 'spec') ?? {};
  const conversion = readObject(spec, 'conversion');
  const defaulted: JsonObject = {
    ...spec,
    names: defaultNames(readObject(spec, 'names') ?? {}),
    conversion: conversion === undefined ? { strategy: 'None' } : defaultConversion(conversion),
  };
  return { ...crd, spec: defaulted };
}

/**
 * `status.storedVersions` with the storage version added: what create and update do before validation. A create starts
 * from no status at all.
 */
export function withStoredVersion(crd: JsonObject, oldStatus: JsonObject | undefined): JsonObject {
  const spec = readObject(crd, 'spec') ?? {};
  const storage = readObjects(spec, 'versions').find((version) => readBoolean(version, 'storage'));
  const base = oldStatus ?? { conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: null };
  const stored = readStrings(base, 'storedVersions');
  const name = storage === undefined ? undefined : readString(storage, 'name');
  if (name === undefined || stored.includes(name)) return { ...crd, status: base };
  return { ...crd, status: { ...base, storedVersions: [...stored, name] } };
}

function defaultNames(names: JsonObject): JsonObject {
  const kind = readString(names, 'kind');
  const singular = readString(names, 'singular');
  const listKind = readString(names, 'listKind');
  if (kind === '' || (singular !== '' && listKind !== '')) return names;
  return {
    ...names,
    singular: singular === '' ? kind.toLowerCase() : singular,
    listKind: listKind === '' ? `${kind}List` : listKind,
  };
}

function defaultConversion(conversion: JsonObject): JsonObject {
  const webhook = readObject(conversion, 'webhook');
  const clientConfig = webhook === undefined ? undefined : readObject(webhook, 'clientConfig');
  const service = clientConfig === undefined ? undefined : readObject(clientConfig, 'service');
  if (webhook === undefined || clientConfig === undefined || service === undefined || isPresent(service)) {
    return conversion;
  }
  const withPort = { ...service, port: SERVICE_PORT };
  return { ...conversion, webhook: { ...webhook, clientConfig: { ...clientConfig, service: withPort } } };
}

function isPresent(service: JsonObject): boolean {
  return service.port !== undefined && service.port !== null && !isObject(service.port);
}
