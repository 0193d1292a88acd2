import { type FieldError, invalid } from '../errors/field-error.js';
import { getOwn, type JsonObject } from '../json/value.js';
import type { KubeObject } from '../meta/object.js';
import { readObject, readString, readStrings } from '../schema/read.js';
import type { Work } from '../turns/work.js';
import { childPath, indexPath } from '../validation/field-path.js';
import { type NameValidator, nameIsDnsSubdomain } from '../validation/names.js';
import { validateImmutable, validateObjectMeta, validateObjectMetaUpdate } from '../validation/object-meta.js';
import { validateApiApproval } from './api-approval.js';
import { GoodSpecs } from './good-specs.js';
import { RULES_FOR_CREATE, rulesForOldForm, rulesForUpdate } from './ratchet.js';
import { validateNames } from './validate-names.js';
import { validateSpec, versionNames } from './validate-spec.js';
import { definitionWarnings } from './warnings.js';

/** Definitions in the core group, which has no name, are called `<plural>.core`. */
export const CORE_GROUP_SUFFIX = 'core';

/** What there is to say of a definition; of one that is faulty nothing else. */
export interface DefinitionFindings {
  readonly errors: FieldError[];
  readonly warnings: readonly string[];
}

/**
 * Validates a CustomResourceDefinition as v1 after defaulting and with its status as it would be stored; with `old`
 * as an update of that. `form` is the version that it was written in. Fields, texts and order are upstream's (apiextensions 1.36), except that definitions in the core
 * group are allowed. CEL rules are judged by their shape only.
 */
export function* judgeCustomResourceDefinition(
  crd: KubeObject,
  old?: KubeObject,
  form: 'v1' | 'v1beta1' = 'v1',
): Work<DefinitionFindings> {
  const spec = readObject(crd, 'spec') ?? {};
  const status = readObject(crd, 'status') ?? {};
  const errors =
    old === undefined
      ? validateObjectMeta(crd.metadata, { namespaced: false, nameValidator: definitionName(spec) })
      : validateObjectMetaUpdate(crd.metadata, old.metadata);
  const judged = yield* specErrors(crd, spec, old, form);
  errors.push(...judged.errors);
  errors.push(...validateNames(readObject(status, 'acceptedNames') ?? {}, 'status.acceptedNames'));
  errors.push(...storedVersionErrors(status, spec));
  errors.push(...validateApiApproval(crd, old));
  if (form === 'v1') errors.push(...preserveErrors(spec, old));
  const silent = judged.unchanged || errors.length > 0;
  return { errors, warnings: silent ? [] : yield* definitionWarnings(spec, old && readObject(old, 'spec')) };
}

const good = new GoodSpecs();

interface JudgedSpec {
  readonly errors: readonly FieldError[];
  readonly unchanged: boolean;
}

/** A spec that is known to be good, and any that was so before, is not judged again. */
function* specErrors(
  crd: KubeObject,
  spec: JsonObject,
  old: KubeObject | undefined,
  form: 'v1' | 'v1beta1',
): Work<JudgedSpec> {
  const hash = good.hashOf(spec);
  yield;
  if (old === undefined) {
    if (good.has(hash)) return { errors: [], unchanged: false };
    const errors = yield* validateSpec(spec, 'spec', form === 'v1' ? RULES_FOR_CREATE : rulesForOldForm(crd));
    if (errors.length === 0 && form === 'v1') good.add(hash);
    return { errors, unchanged: false };
  }
  const oldSpec = readObject(old, 'spec') ?? {};
  const oldHash = good.hashOf(oldSpec);
  yield;
  const wasGood = good.has(oldHash);
  const unchanged = hash === oldHash && hash !== '';
  if (wasGood && unchanged) return { errors: [], unchanged };
  const rules = yield* rulesForUpdate(crd, old, wasGood);
  const errors = yield* validateSpec(spec, 'spec', rules);
  errors.push(...immutableErrors(spec, oldSpec, rules.requireImmutableNames));
  if (errors.length === 0 && wasGood) good.add(hash);
  return { errors, unchanged };
}

/** Validates a write to the status subresource. */
export function validateCustomResourceDefinitionStatus(crd: KubeObject, old: KubeObject): FieldError[] {
  const names = readObject(readObject(crd, 'status') ?? {}, 'acceptedNames') ?? {};
  return [...validateObjectMetaUpdate(crd.metadata, old.metadata), ...validateNames(names, 'status.acceptedNames')];
}

function definitionName(spec: JsonObject): NameValidator {
  const group = readString(spec, 'group');
  const plural = readString(readObject(spec, 'names') ?? {}, 'plural');
  const required = `${plural}.${group === '' ? CORE_GROUP_SUFFIX : group}`;
  return (name, prefix) => [
    ...nameIsDnsSubdomain(name, prefix),
    ...(name === required ? [] : ['must be spec.names.plural+"."+spec.group']),
  ];
}

function immutableErrors(spec: JsonObject, old: JsonObject, established: boolean): FieldError[] {
  const [names, oldNames] = [spec, old].map((each) => readObject(each, 'names') ?? {});
  const [group, oldGroup] = [spec, old].map((each) => readString(each, 'group'));
  const name = (field: string): FieldError[] =>
    validateImmutable(getOwn(names ?? {}, field), getOwn(oldNames ?? {}, field), `spec.names.${field}`);
  return [
    ...(established ? validateImmutable(getOwn(spec, 'scope'), getOwn(old, 'scope'), 'spec.scope') : []),
    ...(established ? name('kind') : []),
    ...validateImmutable(group, oldGroup, 'spec.group'),
    ...name('plural'),
  ];
}

function storedVersionErrors(status: JsonObject, spec: JsonObject): FieldError[] {
  const field = childPath('status', 'storedVersions');
  const stored = readStrings(status, 'storedVersions');
  if (stored.length === 0) {
    return [invalid(field, getOwn(status, 'storedVersions') ?? null, 'must have at least one stored version')];
  }
  const versions = versionNames(spec);
  const errors = versions
    .filter(({ name, storage }) => storage && !stored.includes(name))
    .map(({ name }) => invalid(field, [...stored], `must have the storage version ${name}`));
  for (const [index, name] of stored.entries()) {
    if (versions.some((version) => version.name === name)) continue;
    errors.push(invalid(indexPath(field, index), name, missingVersion(name)));
  }
  return errors;
}

function missingVersion(name: string): string {
  return `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
}

function preserveErrors(spec: JsonObject, old: JsonObject | undefined): FieldError[] {
  const oldSpec = old === undefined ? {} : (readObject(old, 'spec') ?? {});
  if (getOwn(spec, 'preserveUnknownFields') !== true || getOwn(oldSpec, 'preserveUnknownFields') === true) return [];
  const text =
    'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
  return [invalid('spec.preserveUnknownFields', true, text)];
}
