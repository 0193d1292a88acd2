import { type FieldError, invalid } from '../errors/field-error.js';
import { deepClone, getOwn, type JsonObject, type JsonValue } from '../json/value.js';
import { runningRules } from '../rules/run-rules.js';
import { uncachedCompilation } from '../schema/compile.js';
import { coerceMetadata, validateEmbedded } from '../schema/embedded.js';
import type { SchemaNode } from '../schema/node.js';
import { prune } from '../schema/prune.js';
import { objectMembers, readBoolean, readObject } from '../schema/read.js';
import { validateValue } from '../schema/validate.js';
import { isRestDue, type Work } from '../turns/work.js';
import { childPath, keyPath } from '../validation/field-path.js';
import { type Survey, surveyOf } from './schema-survey.js';

/** Defaults must be valid values of the schema they stand in, without fields that would be pruned. */
export function* validateDefaults(schema: JsonObject, field: string, requirePruned: boolean): Work<FieldError[]> {
  const { hasDefaults, toJudge } = yield* surveyOf(schema);
  return hasDefaults ? yield* find(schema, field, { requirePruned, toJudge }, true) : [];
}

interface Search {
  readonly requirePruned: boolean;
  readonly toJudge: Survey['toJudge'];
}

/** Goes to where defaults stand, and compiles the schema only there. */
function* find(schema: JsonObject, field: string, search: Search, isResource: boolean): Work<FieldError[]> {
  if (!search.toJudge.has(schema)) return [];
  if (isRestDue()) yield;
  if (hasDefault(schema)) {
    return yield* visit(yield* uncachedCompilation(schema), field, search.requirePruned, isResource);
  }
  const errors: FieldError[] = [];
  const items = readObject(schema, 'items');
  if (items !== undefined) errors.push(...(yield* find(items, childPath(field, 'items'), search, isEmbedded(items))));
  for (const [name, property] of objectMembers(schema, 'properties')) {
    if (!search.toJudge.has(property) || (isResource && name === 'metadata')) continue;
    const at = keyPath(childPath(field, 'properties'), name);
    errors.push(...(yield* find(property, at, search, isEmbedded(property))));
  }
  return errors;
}

function isEmbedded(schema: JsonObject): boolean {
  return readBoolean(schema, 'x-kubernetes-embedded-resource');
}

/** Whether some default has fields that its schema does not specify. */
export function* hasUnprunedDefaults(schema: JsonObject): Work<boolean> {
  return (yield* validateDefaults(schema, '', true)).some((error) => error.message.endsWith(UNKNOWN_FIELDS));
}

const UNKNOWN_FIELDS = 'must not have unknown fields';

function* visit(node: SchemaNode, field: string, requirePruned: boolean, isResource: boolean): Work<FieldError[]> {
  if (!node.hasDefaults) return [];
  if (isRestDue()) yield;
  const errors: FieldError[] = [];
  if (node.default !== undefined)
    errors.push(...(yield* defaultErrors(node, node.default, childPath(field, 'default'), requirePruned)));
  if (node.items !== undefined) {
    errors.push(...(yield* visit(node.items, childPath(field, 'items'), requirePruned, node.items.embeddedResource)));
  }
  for (const [name, property] of node.properties) {
    // metadata of resources is judged as metadata, not by the schema
    if (isResource && name === 'metadata') continue;
    const at = keyPath(childPath(field, 'properties'), name);
    errors.push(...(yield* visit(property, at, requirePruned, property.embeddedResource)));
  }
  return errors;
}

function* defaultErrors(node: SchemaNode, value: JsonValue, field: string, requirePruned: boolean): Work<FieldError[]> {
  const errors: FieldError[] = [];
  const copy = deepClone(value);
  if (requirePruned && prune(node, copy, node.embeddedResource).length > 0) {
    errors.push(invalid(field, value, UNKNOWN_FIELDS));
  }
  const coerced = coerceMetadata(node, deepClone(value), node.embeddedResource);
  if (coerced.error !== undefined) return [...errors, coerced.error];
  const embedded = validateEmbedded(node, value, field);
  if (embedded.length > 0) return [...errors, ...embedded];
  const faults = validateValue(node, value, { base: field });
  return [...errors, ...(faults.length > 0 ? faults : yield* ruleErrors(node, value, field))];
}

/** A default must keep the rules as a value that stays the same and as one that is new. */
function* ruleErrors(node: SchemaNode, value: JsonValue, field: string): Work<FieldError[]> {
  const staying = yield* runningRules(node, node.embeddedResource, value, { base: field, old: value });
  if (staying.errors.length > 0) return staying.errors;
  return (yield* runningRules(node, node.embeddedResource, value, { base: field })).errors;
}

/** Whether a default stands in the schema itself. A null counts as none. */
export function hasDefault(schema: JsonObject): boolean {
  return (getOwn(schema, 'default') ?? null) !== null;
}
