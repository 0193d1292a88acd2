import { deepEqual, getOwn, type JsonObject } from '../json/value.js';
import { readObject, readObjects, readOptionalString, readString, readStrings } from '../schema/read.js';
import type { Work } from '../turns/work.js';
import { conditionOf } from './accept-names.js';
import { hoist, openApiSchemaOf, schemasOf } from './hoist.js';
import { mapListFaults, setItemFault } from './list-map-rules.js';
import { someHas } from './schema-walk.js';
import { structuralJudgement, unsupportedFault } from './structural.js';
import { hasRecognizedReviewVersion } from './validate-conversion.js';
import { hasUnprunedDefaults } from './validate-defaults.js';
import { SELECTABLE_FIELDS_MAX } from './validate-version-parts.js';
import { validateCaBundle } from './webhook-client.js';

export const SCHEMA_TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

/** Rules that came later than some stored definitions: an update need not fulfil what the old object already broke. */
export interface Rules {
  readonly requireOpenApiSchema: boolean;
  readonly requireStructural: boolean;
  readonly requirePrunedDefaults: boolean;
  readonly requireAtomicSets: boolean;
  readonly requireMapListKeys: boolean;
  readonly requireValidTypes: boolean;
  readonly requireRecognizedReviewVersion: boolean;
  readonly requireImmutableNames: boolean;
  readonly allowInvalidCaBundle: boolean;
  /** Versions whose too many selectable fields are unchanged; the empty name stands for the hoisted ones. */
  readonly allowTooManySelectableFields: ReadonlySet<string>;
  /** Versions whose schemas are unchanged; the empty name stands for the hoisted one. */
  readonly unchangedSchemas: ReadonlySet<string>;
}

export const RULES_FOR_CREATE: Rules = {
  requireOpenApiSchema: true,
  requireStructural: true,
  requirePrunedDefaults: true,
  requireAtomicSets: true,
  requireMapListKeys: true,
  requireValidTypes: true,
  requireRecognizedReviewVersion: true,
  requireImmutableNames: false,
  allowInvalidCaBundle: true,
  allowTooManySelectableFields: new Set(),
  unchangedSchemas: new Set(),
};

/**
 * The rules for a creation in the old form, which knew definitions without a schema. Whoever prunes must have a
 * structural one, as ever.
 */
export function rulesForOldForm(crd: JsonObject): Rules {
  const prunes = getOwn(readObject(crd, 'spec') ?? {}, 'preserveUnknownFields') === false;
  return {
    ...RULES_FOR_CREATE,
    requireOpenApiSchema: prunes,
    requireStructural: prunes,
    requirePrunedDefaults: prunes,
    requireAtomicSets: prunes,
    requireMapListKeys: prunes,
    requireValidTypes: prunes,
  };
}

/** The rules for an update of `old`; `wasGood` says that its spec is known to fulfil all rules for creations. */
export function* rulesForUpdate(crd: JsonObject, old: JsonObject, wasGood: boolean): Work<Rules> {
  const oldSpec = readObject(old, 'spec') ?? {};
  const schemas = wasGood ? [] : schemasOf(hoist(oldSpec));
  const structural = !(yield* some(schemas, isNonStructural));
  const conversion = readObject(readObject(oldSpec, 'conversion') ?? {}, 'webhook') ?? {};
  const established = readOptionalString(conditionOf(old, 'Established') ?? {}, 'status') === 'True';
  return {
    requireOpenApiSchema: readObjects(oldSpec, 'versions').every(
      (version) => openApiSchemaOf(getOwn(version, 'schema')) !== undefined,
    ),
    requireStructural: structural,
    requirePrunedDefaults: !(structural && (yield* some(schemas, hasUnprunedDefaults))),
    requireAtomicSets: !(yield* someHas(schemas, (schema) => setItemFault(schema) !== undefined)),
    requireMapListKeys: !(yield* someHas(schemas, (schema) => mapListFaults(schema, '').length > 0)),
    requireValidTypes: !(yield* someHas(schemas, hasUnknownType)),
    requireRecognizedReviewVersion: hasRecognizedReviewVersion(readStrings(conversion, 'conversionReviewVersions')),
    requireImmutableNames: established,
    allowInvalidCaBundle: !established || hasInvalidCaBundle(conversion),
    allowTooManySelectableFields: tooManySelectable(readObject(crd, 'spec') ?? {}, oldSpec),
    unchangedSchemas: unchangedSchemas(readObject(crd, 'spec') ?? {}, oldSpec),
  };
}

function* some(schemas: readonly JsonObject[], judge: (schema: JsonObject) => Work<boolean>): Work<boolean> {
  for (const schema of schemas) if (yield* judge(schema)) return true;
  return false;
}

function* isNonStructural(schema: JsonObject): Work<boolean> {
  return unsupportedFault(schema) !== undefined || (yield* structuralJudgement(schema, '')).length > 0;
}

function hasUnknownType(schema: JsonObject): boolean {
  const type = readString(schema, 'type');
  return type !== '' && !SCHEMA_TYPES.includes(type);
}

function hasInvalidCaBundle(webhook: JsonObject): boolean {
  const caBundle = readString(readObject(webhook, 'clientConfig') ?? {}, 'caBundle');
  return caBundle !== '' && validateCaBundle(caBundle, 'caBundle').length > 0;
}

function unchangedSchemas(spec: JsonObject, oldSpec: JsonObject): Set<string> {
  const unchanged = new Set<string>();
  for (const [index, version] of readObjects(spec, 'versions').entries()) {
    const name = readString(version, 'name');
    const old = readObjects(oldSpec, 'versions').find((one) => readString(one, 'name') === name);
    if (old === undefined || !deepEqual(getOwn(old, 'schema'), getOwn(version, 'schema'))) continue;
    unchanged.add(name);
    // What is hoisted goes by the name of the first version.
    if (index === 0) unchanged.add('');
  }
  return unchanged;
}

function tooManySelectable(spec: JsonObject, oldSpec: JsonObject): Set<string> {
  const allowed = new Set<string>();
  const versions = readObjects(spec, 'versions');
  for (const old of readObjects(oldSpec, 'versions')) {
    const name = readString(old, 'name');
    const fields = readObjects(old, 'selectableFields');
    const now = versions.find((version) => readString(version, 'name') === name);
    if (fields.length <= SELECTABLE_FIELDS_MAX || now === undefined) continue;
    if (deepEqual(fields, readObjects(now, 'selectableFields'))) allowed.add(name).add('');
  }
  return allowed;
}
