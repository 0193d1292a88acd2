import type { JsonObject } from '@kcp/apimachinery/json/value';
import { apiVersionOf, type GroupVersionKind } from '@kcp/apimachinery/meta/resource';
import { readBoolean, readObject, readObjects, readString, readStrings } from '@kcp/apimachinery/schema/read';
import { StorageError } from '@kcp/storage/errors';
import type { ResourceNames } from '../registry/resource-type.js';
import { SpecParts } from './spec-parts.js';

/** One entry of `spec.versions`, without its schema. */
export interface DefinitionVersion {
  readonly gvk: GroupVersionKind;
  readonly apiVersion: string;
  readonly served: boolean;
  readonly hasStatus: boolean;
  /** `subresources.scale` as given. */
  readonly scale: JsonObject | undefined;
  readonly printerColumns: readonly JsonObject[];
  /** Simple JSON paths such as `.spec.mode`. */
  readonly selectableFields: readonly string[];
}

/**
 * What serving needs of a CustomResourceDefinition (form v1), without its cluster, name, revision or schemas: equal
 * definitions of many logical clusters share one. Schemas, which may be large, are read from the kept bytes when asked for.
 */
export class Definition {
  readonly group: string;
  readonly names: ResourceNames;
  readonly namespaced: boolean;
  readonly versions: readonly DefinitionVersion[];
  readonly storageKind: GroupVersionKind;
  /** `spec.conversion.webhook`; undefined where conversion only rewrites the apiVersion. */
  readonly conversionWebhook: JsonObject | undefined;
  /** Of old definitions: nothing is pruned. */
  readonly preserveUnknownFields: boolean;
  /** It is being deleted: its objects go, new ones are refused. */
  readonly terminating: boolean;
  readonly #parts: SpecParts;

  /** `spec` is the encoded spec, `status` the decoded status. Throws StorageError `corrupt`. */
  constructor(spec: Buffer, status: JsonObject, terminating: boolean) {
    this.#parts = new SpecParts(spec);
    const source = this.#parts.rest;
    const group = readString(source, 'group');
    this.group = group;
    this.names = namesOf(readObject(status, 'acceptedNames') ?? {});
    this.namespaced = readString(source, 'scope') !== 'Cluster';
    this.conversionWebhook = webhookOf(readObject(source, 'conversion') ?? {});
    this.preserveUnknownFields = readBoolean(source, 'preserveUnknownFields');
    this.terminating = terminating;
    const versions = readObjects(source, 'versions');
    this.versions = versions.map((version) => versionOf(version, group, this.names.kind));
    const stored = versions.findIndex((version) => readBoolean(version, 'storage'));
    const storage = this.versions[stored];
    if (storage === undefined) throw new StorageError('corrupt', 'a custom resource definition stores no version');
    this.storageKind = storage.gvk;
  }

  /** The version that is stored. */
  get storageVersion(): DefinitionVersion {
    const found = this.versions.find(({ gvk }) => gvk.version === this.storageKind.version);
    if (found === undefined) throw new TypeError('a definition lists the version that it stores');
    return found;
  }

  /** `openAPIV3Schema` of a version; one that allows everything where the definition has none. A fresh parse. */
  schemaOf(version: string): JsonObject {
    const place = this.versions.findIndex(({ gvk }) => gvk.version === version);
    const schema = readObject(this.#parts.schemaAt(place) ?? {}, 'openAPIV3Schema');
    return schema ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  }
}

function webhookOf(conversion: JsonObject): JsonObject | undefined {
  return readString(conversion, 'strategy') === 'Webhook' ? (readObject(conversion, 'webhook') ?? {}) : undefined;
}

function namesOf(accepted: JsonObject): ResourceNames {
  return {
    kind: readString(accepted, 'kind'),
    listKind: readString(accepted, 'listKind'),
    plural: readString(accepted, 'plural'),
    singular: readString(accepted, 'singular'),
    shortNames: readStrings(accepted, 'shortNames'),
    categories: readStrings(accepted, 'categories'),
  };
}

function versionOf(version: JsonObject, group: string, kind: string): DefinitionVersion {
  const gvk = { group, version: readString(version, 'name'), kind };
  const subresources = readObject(version, 'subresources') ?? {};
  return {
    gvk,
    apiVersion: apiVersionOf(gvk),
    served: readBoolean(version, 'served'),
    hasStatus: readObject(subresources, 'status') !== undefined,
    scale: readObject(subresources, 'scale'),
    printerColumns: readObjects(version, 'additionalPrinterColumns'),
    selectableFields: readObjects(version, 'selectableFields').map((field) => readString(field, 'jsonPath')),
  };
}
