import { deepEqual, getOwn, isObject, type JsonObject, type JsonValue, setOwn } from '../json/value.js';
import { readObject, readObjects, readString } from '../schema/read.js';

/** What may stand in every version or, when all versions agree, once for all of them. */
export const SHARED_FIELDS = ['schema', 'subresources', 'additionalPrinterColumns', 'selectableFields'] as const;
export type SharedField = (typeof SHARED_FIELDS)[number];

/**
 * A spec as upstream's validation sees it: what is the same in all versions is hoisted to the top (`schema` under the
 * name `validation`) and taken out of the versions; field paths of errors follow this form.
 */
export interface HoistedSpec {
  readonly spec: JsonObject;
  /** The versions without what was hoisted. */
  readonly versions: readonly JsonObject[];
  /** Name of the first version; empty without one. */
  readonly version: string;
  readonly hoisted: Readonly<Partial<Record<SharedField, JsonValue>>>;
}

/** Hoists a spec of form v1. Versions that agree include the case of only one. */
export function hoist(spec: JsonObject): HoistedSpec {
  const versions = readObjects(spec, 'versions');
  const [first] = versions;
  const hoisted: Partial<Record<SharedField, JsonValue>> = {};
  if (first === undefined) return { spec, versions, version: '', hoisted };
  const shared = SHARED_FIELDS.filter((name) =>
    versions.every((version) => sameOrEmpty(getOwn(version, name), getOwn(first, name))),
  );
  for (const name of shared) {
    const value = getOwn(first, name);
    if (value !== undefined && value !== null) hoisted[name] = value;
  }
  return {
    spec,
    versions: versions.map((version) => without(version, shared)),
    version: readString(first, 'name'),
    hoisted,
  };
}

/** `openAPIV3Schema` of a version or of the hoisted `validation`. */
export function openApiSchemaOf(validation: JsonValue | undefined): JsonObject | undefined {
  return isObject(validation) ? readObject(validation, 'openAPIV3Schema') : undefined;
}

/** All schemas of a spec. */
export function schemasOf({ hoisted, versions }: HoistedSpec): JsonObject[] {
  return [hoisted.schema, ...versions.map((version) => getOwn(version, 'schema'))]
    .map(openApiSchemaOf)
    .filter((schema) => schema !== undefined);
}

function sameOrEmpty(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  return deepEqual(emptyAsAbsent(a), emptyAsAbsent(b));
}

function emptyAsAbsent(value: JsonValue | undefined): JsonValue | undefined {
  return value === null || (Array.isArray(value) && value.length === 0) ? undefined : value;
}

function without(version: JsonObject, names: readonly string[]): JsonObject {
  const rest: JsonObject = {};
  for (const [key, value] of Object.entries(version)) {
    if (value !== undefined && !names.includes(key)) setOwn(rest, key, value);
  }
  return rest;
}
