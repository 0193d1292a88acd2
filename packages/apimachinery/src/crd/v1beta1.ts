import { getOwn, type JsonObject, type JsonValue } from '../json/value.js';
import { readObject, readObjects, readString } from '../schema/read.js';
import { hoist, type SharedField } from './hoist.js';

const GROUP = 'apiextensions.k8s.io';
/** Names of the shared fields at the top of a v1beta1 spec. */
const TOP: Readonly<Record<SharedField, string>> = {
  schema: 'validation',
  subresources: 'subresources',
  additionalPrinterColumns: 'additionalPrinterColumns',
  selectableFields: 'selectableFields',
};

/**
 * A CustomResourceDefinition of form v1beta1 as v1, after v1beta1's own defaults: what stands at the top goes into every
 * version, `version` becomes a version, the webhook moves, printer columns change the spelling of `JSONPath`.
 */
export function crdFromV1beta1(crd: JsonObject): JsonObject {
  const spec = defaultV1beta1Spec(readObject(crd, 'spec') ?? {});
  const shared: JsonObject = {};
  for (const [name, top] of Object.entries(TOP)) {
    const value = getOwn(spec, top);
    if (value !== undefined && value !== null) shared[name] = value;
  }
  const versions = readObjects(spec, 'versions').map((version) => columnsToV1({ ...version, ...shared }));
  const {
    validation: _v,
    subresources: _s,
    additionalPrinterColumns: _c,
    selectableFields: _f,
    version: _n,
    ...rest
  } = spec;
  const conversion = readObject(spec, 'conversion');
  return {
    ...crd,
    apiVersion: `${GROUP}/v1`,
    spec: { ...rest, versions, ...(conversion === undefined ? {} : { conversion: conversionToV1(conversion) }) },
  };
}

/** A CustomResourceDefinition of form v1 as v1beta1: what all versions share stands at the top only. */
export function crdToV1beta1(crd: JsonObject): JsonObject {
  const source = readObject(crd, 'spec') ?? {};
  const { spec, versions, version, hoisted } = hoist(source);
  const top: JsonObject = {};
  for (const [name, value] of Object.entries(hoisted)) if (isShared(name)) top[TOP[name]] = value;
  const conversion = readObject(source, 'conversion');
  return {
    ...crd,
    apiVersion: `${GROUP}/v1beta1`,
    spec: {
      ...spec,
      ...columnsToV1beta1(top),
      ...(version === '' ? {} : { version }),
      versions: versions.map(columnsToV1beta1),
      ...(conversion === undefined ? {} : { conversion: conversionToV1beta1(conversion) }),
      preserveUnknownFields: getOwn(source, 'preserveUnknownFields') === true,
    },
  };
}

function isShared(name: string): name is SharedField {
  return Object.hasOwn(TOP, name);
}

function defaultV1beta1Spec(spec: JsonObject): JsonObject {
  const version = readString(spec, 'version');
  const versions = readObjects(spec, 'versions');
  const conversion = readObject(spec, 'conversion');
  return {
    ...spec,
    scope: readString(spec, 'scope') === '' ? 'Namespaced' : readString(spec, 'scope'),
    versions: versions.length === 0 && version !== '' ? [{ name: version, served: true, storage: true }] : versions,
    conversion: conversion === undefined ? { strategy: 'None' } : defaultReviewVersions(conversion),
    preserveUnknownFields: getOwn(spec, 'preserveUnknownFields') ?? true,
  };
}

function defaultReviewVersions(conversion: JsonObject): JsonObject {
  const given = getOwn(conversion, 'conversionReviewVersions');
  if (readString(conversion, 'strategy') !== 'Webhook' || (Array.isArray(given) && given.length > 0)) return conversion;
  return { ...conversion, conversionReviewVersions: ['v1beta1'] };
}

function conversionToV1(conversion: JsonObject): JsonObject {
  const clientConfig = getOwn(conversion, 'webhookClientConfig') ?? undefined;
  const versions = getOwn(conversion, 'conversionReviewVersions') ?? undefined;
  const { webhookClientConfig: _c, conversionReviewVersions: _v, ...rest } = conversion;
  if (clientConfig === undefined && versions === undefined) return rest;
  return {
    ...rest,
    webhook: { ...(clientConfig === undefined ? {} : { clientConfig }), conversionReviewVersions: versions ?? null },
  };
}

function conversionToV1beta1(conversion: JsonObject): JsonObject {
  const { webhook: _w, ...rest } = conversion;
  const webhook = readObject(conversion, 'webhook');
  if (webhook === undefined) return rest;
  const clientConfig = getOwn(webhook, 'clientConfig');
  const versions = getOwn(webhook, 'conversionReviewVersions');
  return {
    ...rest,
    ...(clientConfig === undefined ? {} : { webhookClientConfig: clientConfig }),
    ...(versions === undefined ? {} : { conversionReviewVersions: versions }),
  };
}

function columnsToV1(version: JsonObject): JsonObject {
  return renameColumns(version, 'JSONPath', 'jsonPath');
}

function columnsToV1beta1(version: JsonObject): JsonObject {
  return renameColumns(version, 'jsonPath', 'JSONPath');
}

function renameColumns(holder: JsonObject, from: string, to: string): JsonObject {
  const columns = readObjects(holder, 'additionalPrinterColumns');
  if (columns.length === 0) return holder;
  const renamed: JsonValue[] = columns.map(({ [from]: path, ...rest }) =>
    path === undefined ? rest : { ...rest, [to]: path },
  );
  return { ...holder, additionalPrinterColumns: renamed };
}
