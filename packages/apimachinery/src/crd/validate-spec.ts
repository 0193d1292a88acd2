import { type FieldError, invalid, notSupported, required } from '../errors/field-error.js';
import { getOwn, isObject, type JsonObject, type JsonValue } from '../json/value.js';
import { readBoolean, readObject, readObjects, readString } from '../schema/read.js';
import type { Work } from '../turns/work.js';
import { childPath, indexPath } from '../validation/field-path.js';
import { dns1123Subdomain } from '../validation/names.js';
import { goDumps } from './go-dump.js';
import { type HoistedSpec, hoist, openApiSchemaOf, schemasOf } from './hoist.js';
import { needsNoDomain } from './kubernetes-group.js';
import type { Rules } from './ratchet.js';
import { surveyOf } from './schema-survey.js';
import { validateConversion } from './validate-conversion.js';
import { labelError, requiredNames, validateNames } from './validate-names.js';
import { validateSchema } from './validate-schema.js';
import {
  validateColumns,
  validateDeprecation,
  validateSelectableFields,
  validateSubresources,
} from './validate-version-parts.js';

/** Validates the spec of a definition of form v1, after its defaults. */
export function* validateSpec(spec: JsonObject, field: string, given: Rules): Work<FieldError[]> {
  const hoisted = hoist(spec);
  const preserve = getOwn(spec, 'preserveUnknownFields') === true;
  const withDefaults = yield* someHaveDefaults(schemasOf(hoisted));
  const rules = { ...given, requireStructural: given.requireStructural || !preserve || withDefaults };
  const errors = [
    ...groupErrors(readString(spec, 'group'), childPath(field, 'group')),
    ...scopeErrors(readString(spec, 'scope'), childPath(field, 'scope')),
    ...missingSchemas(hoisted, field, rules, preserve),
  ];
  if (withDefaults && preserve) {
    const text = 'must be false in order to use defaults in the schema';
    errors.push(invalid(childPath(field, 'preserveUnknownFields'), true, text));
  }
  errors.push(...(yield* versionsErrors(hoisted, field, rules)));
  const names = readObject(spec, 'names') ?? {};
  errors.push(...requiredNames(names, childPath(field, 'names')), ...validateNames(names, childPath(field, 'names')));
  errors.push(...(yield* hoistedErrors(hoisted, field, rules)));
  errors.push(...conversionErrors(spec, field, preserve, rules));
  return errors;
}

function* someHaveDefaults(schemas: readonly JsonObject[]): Work<boolean> {
  for (const schema of schemas) if ((yield* surveyOf(schema)).hasDefaults) return true;
  return false;
}

function groupErrors(group: string, field: string): FieldError[] {
  if (needsNoDomain(group)) return [];
  const texts = dns1123Subdomain(group);
  if (texts.length > 0) return [invalid(field, group, texts.join(','))];
  return group.includes('.') ? [] : [invalid(field, group, 'should be a domain with at least one dot')];
}

function scopeErrors(scope: string, field: string): FieldError[] {
  if (scope === '') return [required(field)];
  return scope === 'Cluster' || scope === 'Namespaced' ? [] : [notSupported(field, scope, ['Cluster', 'Namespaced'])];
}

function missingSchemas(
  { hoisted, versions }: HoistedSpec,
  field: string,
  rules: Rules,
  preserve: boolean,
): FieldError[] {
  if (openApiSchemaOf(hoisted.schema) !== undefined || (!rules.requireOpenApiSchema && preserve)) return [];
  const errors: FieldError[] = [];
  for (const [index, version] of versions.entries()) {
    if (openApiSchemaOf(getOwn(version, 'schema')) !== undefined) continue;
    const at = childPath(childPath(indexPath(childPath(field, 'versions'), index), 'schema'), 'openAPIV3Schema');
    if (rules.requireOpenApiSchema) errors.push(required(at));
    else if (readBoolean(version, 'served')) errors.push(required(at, 'because otherwise all fields are pruned'));
  }
  return errors;
}

function* versionsErrors(spec: HoistedSpec, field: string, rules: Rules): Work<FieldError[]> {
  const at = childPath(field, 'versions');
  const { versions } = spec;
  const errors: FieldError[] = [];
  for (const [index, version] of versions.entries()) {
    const path = indexPath(at, index);
    errors.push(...labelError(readString(version, 'name'), childPath(path, 'name')));
    errors.push(...(yield* versionErrors(version, path, statusOfVersion(spec, version), rules)));
  }
  const names = versions.map((version) => readString(version, 'name'));
  if (new Set(names).size < names.length)
    errors.push(invalid(at, goDumps(versions), 'must contain unique version names'));
  if (versions.filter((version) => readBoolean(version, 'storage')).length !== 1) {
    const shown = Array.isArray(spec.versions) ? goDumps(versions) : null;
    errors.push(invalid(at, shown, 'must have exactly one version marked as storage version'));
  }
  if (spec.version !== '') errors.push(...labelError(spec.version, childPath(field, 'version')));
  return errors;
}

function* versionErrors(version: JsonObject, field: string, statusEnabled: boolean, rules: Rules): Work<FieldError[]> {
  const errors = validateDeprecation(version, childPath(field, 'deprecationWarning'));
  const parts = {
    schema: getOwn(version, 'schema'),
    subresources: getOwn(version, 'subresources'),
    additionalPrinterColumns: getOwn(version, 'additionalPrinterColumns'),
    selectableFields: getOwn(version, 'selectableFields'),
  };
  return [...errors, ...(yield* partErrors(parts, 'schema', readString(version, 'name'), field, statusEnabled, rules))];
}

/** What all versions share is judged once; its schema stands under `validation`. */
function hoistedErrors(spec: HoistedSpec, field: string, rules: Rules): Work<FieldError[]> {
  const subresources = [spec.hoisted.subresources, ...spec.versions.map((version) => getOwn(version, 'subresources'))];
  return partErrors(spec.hoisted, 'validation', '', field, subresources.some(hasStatus), rules);
}

function* partErrors(
  parts: Readonly<Partial<Record<keyof HoistedSpec['hoisted'], JsonValue | undefined>>>,
  schemaName: string,
  version: string,
  field: string,
  statusEnabled: boolean,
  rules: Rules,
): Work<FieldError[]> {
  const errors: FieldError[] = [];
  const schema = openApiSchemaOf(parts.schema);
  if (schema !== undefined)
    errors.push(...(yield* validateSchema(schema, statusEnabled, childPath(field, schemaName), version, rules)));
  const subresources = isObject(parts.subresources) ? parts.subresources : undefined;
  errors.push(...validateSubresources(subresources, childPath(field, 'subresources')));
  const { additionalPrinterColumns: columns, selectableFields } = parts;
  if (Array.isArray(columns)) {
    errors.push(...validateColumns(columns.filter(isObject), childPath(field, 'additionalPrinterColumns')));
  }
  if (Array.isArray(selectableFields) && selectableFields.length > 0) {
    const at = childPath(field, 'selectableFields');
    const tooMany = rules.allowTooManySelectableFields.has(version);
    if (schema === undefined) errors.push(invalid(at, '', withoutSchema(version)));
    else errors.push(...validateSelectableFields(selectableFields.filter(isObject), schema, at, tooMany));
  }
  return errors;
}

function withoutSchema(version: string): string {
  return version === ''
    ? 'may only be set when validations.schema is included'
    : 'may only be set when `version.schema.openAPIV3Schema` is not included';
}

function statusOfVersion(spec: HoistedSpec, version: JsonObject): boolean {
  const perVersion = spec.versions.some((each) => (getOwn(each, 'subresources') ?? null) !== null);
  return hasStatus(perVersion ? getOwn(version, 'subresources') : spec.hoisted.subresources);
}

function hasStatus(subresources: JsonValue | undefined): boolean {
  return isObject(subresources) && readObject(subresources, 'status') !== undefined;
}

function conversionErrors(spec: JsonObject, field: string, preserve: boolean, rules: Rules): FieldError[] {
  const conversion = readObject(spec, 'conversion');
  if (conversion === undefined) return [];
  const at = childPath(field, 'conversion');
  const strategy = readString(conversion, 'strategy');
  const errors: FieldError[] = [];
  if (strategy !== 'None' && preserve) {
    const text = 'must be None if spec.preserveUnknownFields is true';
    errors.push(invalid(childPath(at, 'strategy'), strategy, text));
  }
  return [...errors, ...validateConversion(conversion, at, rules)];
}

/** Versions by name, for status checks. */
export function versionNames(spec: JsonObject): { readonly name: string; readonly storage: boolean }[] {
  return readObjects(spec, 'versions').map((version) => ({
    name: readString(version, 'name'),
    storage: readBoolean(version, 'storage'),
  }));
}
