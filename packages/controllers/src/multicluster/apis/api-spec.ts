import type { JsonObject } from '@kcp/apimachinery/json/value';
import { apiVersionOf } from '@kcp/apimachinery/meta/resource';
import { readObject, readObjects, readString, readStrings } from '@kcp/apimachinery/schema/read';
import { API_VERSION_ANNOTATION, type ApiCoordinates, CORE } from './names.js';

/** An API as imports, negotiated APIs and definitions describe it; of a definition, one version. */
export interface ApiSpec extends ApiCoordinates {
  readonly kind: string;
  readonly listKind: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly scope: string;
  readonly schema: JsonObject;
  /** `status`, `scale`. */
  readonly subresources: readonly string[];
  /** In the form of a definition's `additionalPrinterColumns`. */
  readonly columns: readonly JsonObject[];
}

/** The coordinates that the spec of an import or a negotiated API states. */
export function readCoordinates(spec: JsonObject): ApiCoordinates {
  const groupVersion = readObject(spec, 'groupVersion') ?? {};
  const group = readString(groupVersion, 'group');
  return {
    group: group === CORE ? '' : group,
    version: readString(groupVersion, 'version'),
    plural: readString(spec, 'plural'),
  };
}

/** Reads the spec of an import or a negotiated API. */
export function readApiSpec(spec: JsonObject): ApiSpec {
  return {
    ...readCoordinates(spec),
    ...readNames(spec),
    scope: readString(spec, 'scope'),
    schema: readObject(spec, 'openAPIV3Schema') ?? {},
    subresources: readObjects(spec, 'subResources').map((one) => readString(one, 'name')),
    columns: readObjects(spec, 'columnDefinitions'),
  };
}

/** One version of a definition as an API; undefined when it has no such version. */
export function apiOfDefinition(definition: JsonObject, version: string): ApiSpec | undefined {
  const spec = readObject(definition, 'spec') ?? {};
  const found = readObjects(spec, 'versions').find((one) => readString(one, 'name') === version);
  if (found === undefined) return undefined;
  const names = readObject(spec, 'names') ?? {};
  return {
    group: readString(spec, 'group'),
    version,
    plural: readString(names, 'plural'),
    ...readNames(names),
    scope: readString(spec, 'scope'),
    schema: readObject(readObject(found, 'schema') ?? {}, 'openAPIV3Schema') ?? {},
    subresources: Object.keys(readObject(found, 'subresources') ?? {}).sort(),
    columns: readObjects(found, 'additionalPrinterColumns'),
  };
}

function readNames(names: JsonObject) {
  const kind = readString(names, 'kind');
  return {
    kind,
    listKind: readString(names, 'listKind') || `${kind}List`,
    singular: readString(names, 'singular') || kind.toLowerCase(),
    shortNames: readStrings(names, 'shortNames'),
    categories: readStrings(names, 'categories'),
  };
}

/** The members of a spec that describe the API. */
export function apiFields(api: ApiSpec): JsonObject {
  return {
    groupVersion: { ...(api.group === '' ? {} : { group: api.group }), version: api.version },
    ...nameFields(api),
    scope: api.scope,
    openAPIV3Schema: api.schema,
    ...(api.subresources.length === 0 ? {} : { subResources: api.subresources.map((name) => ({ name })) }),
    ...(api.columns.length === 0 ? {} : { columnDefinitions: [...api.columns] }),
  };
}

/** Names as definitions and specs write them. */
export function nameFields({ plural, singular, kind, listKind, shortNames, categories }: ApiSpec): JsonObject {
  return {
    plural,
    singular,
    kind,
    listKind,
    ...(shortNames.length === 0 ? {} : { shortNames: [...shortNames] }),
    ...(categories.length === 0 ? {} : { categories: [...categories] }),
  };
}

/** Annotations of imports and negotiated APIs. */
export function apiAnnotations(api: ApiCoordinates): Record<string, string> {
  return { [API_VERSION_ANNOTATION]: apiVersionOf(api) };
}
