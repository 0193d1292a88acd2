import { getOwn, isObject, type JsonArray, type JsonObject, type JsonValue, setOwn } from '../json/value.js';
import { DEDUCED, type MergeType } from '../merge-type/merge-type.js';
import { MAX_MERGE_PATCH_DEPTH, PatchDepthError } from './merge-patch.js';
import {
  PATCH_DIRECTIVE,
  RETAIN_KEYS_DIRECTIVE,
  readPatchMember,
  withoutDirectives,
} from './strategic-merge-directive.js';
import {
  badElementOrderFormat,
  badPrimitiveListFormat,
  badRetainKeysFormat,
  unknownPatchType,
} from './strategic-merge-error.js';
import { deleteFromList, isDeletion, type ListStrategy, type MergeElement, mergeList } from './strategic-merge-list.js';
import { checkAgainstOrder, orderElements } from './strategic-merge-order.js';

export interface StrategicMergeOptions {
  /** Lists without patch tags merge by their list key when they have a single one, sets merge as sets (custom resources). */
  readonly mergeByListKeys?: boolean;
}

/**
 * Applies a strategic merge patch and returns the result: maps merge member by member, null removes, lists are
 * replaced unless `type` has them merge, and directives (`$patch`, `$retainKeys`, `$setElementOrder/x`,
 * `$deleteFromPrimitiveList/x`) are carried out. `original` is not changed; what is not touched is shared with it.
 * @throws StrategicMergePatchError, with the status to answer; PatchDepthError.
 */
export function applyStrategicMergePatch(
  original: JsonObject,
  patch: JsonObject,
  type: MergeType,
  options: StrategicMergeOptions = {},
): JsonObject {
  const mergeByListKeys = options.mergeByListKeys === true;
  const mapsAt = (depth: number): MergeElement => {
    if (depth > MAX_MERGE_PATCH_DEPTH) throw new PatchDepthError(MAX_MERGE_PATCH_DEPTH);
    return (left, right, at) => mergeMap(left, right, { type: at, mergeByListKeys, descend: () => mapsAt(depth + 1) });
  };
  return mapsAt(0)(original, patch, type);
}

interface Context {
  readonly type: MergeType;
  readonly mergeByListKeys: boolean;
  readonly descend: () => MergeElement;
}

function mergeMap(original: JsonObject, patch: JsonObject, context: Context): JsonObject {
  const directive = getOwn(patch, PATCH_DIRECTIVE);
  if (directive !== undefined) return mapDirective(directive, patch);
  const result = retainKeys(original, patch);
  const done = orderLists(result, patch, context);
  for (const key of Object.keys(patch)) {
    const change = patch[key];
    const member = readPatchMember(key);
    if (change === undefined || done.has(key)) continue;
    if (member.kind === 'plain') mergeMember(result, key, change, context);
    else if (member.kind === 'deleteFromList') deleteMembers(result, member.field, change);
  }
  return result;
}

function mapDirective(directive: JsonValue, patch: JsonObject): JsonObject {
  if (directive === 'delete') return {};
  if (directive !== 'replace') throw unknownPatchType(directive, patch);
  const { [PATCH_DIRECTIVE]: _, ...rest } = patch;
  const clean = withoutDirectives(rest);
  return isObject(clean) ? clean : {};
}

/** A shallow copy of the original; with `$retainKeys` only of the members named there. */
function retainKeys(original: JsonObject, patch: JsonObject): JsonObject {
  const names = getOwn(patch, RETAIN_KEYS_DIRECTIVE);
  if (names === undefined) return { ...original };
  if (!Array.isArray(names)) throw badRetainKeysFormat();
  const retained = new Set(names);
  for (const key of Object.keys(patch)) {
    const named = patch[key] === null || readPatchMember(key).kind !== 'plain' || retained.has(key);
    if (!named) throw badRetainKeysFormat();
  }
  const result: JsonObject = {};
  for (const key of Object.keys(original)) {
    const value = original[key];
    if (value !== undefined && retained.has(key)) setOwn(result, key, value);
  }
  return result;
}

/** Carries out every `$setElementOrder`; returns the members of the patch that are thereby done. */
function orderLists(result: JsonObject, patch: JsonObject, context: Context): ReadonlySet<string> {
  const done = new Set<string>();
  for (const key of Object.keys(patch)) {
    const member = readPatchMember(key);
    if (member.kind !== 'elementOrder') continue;
    const order = patch[key];
    const change = getOwn(patch, member.field);
    if (!Array.isArray(order)) throw badElementOrderFormat();
    if (change !== undefined && !Array.isArray(change)) throw badElementOrderFormat();
    const live = getOwn(result, member.field);
    const list = orderedList(
      Array.isArray(live) ? live : undefined,
      change,
      order,
      fieldContext(context, member.field),
    );
    if (list !== undefined) setOwn(result, member.field, list);
    done.add(member.field);
  }
  return done;
}

function orderedList(
  live: JsonArray | undefined,
  change: JsonArray | undefined,
  order: JsonArray,
  context: Context,
): JsonArray | undefined {
  if (live === undefined && change === undefined) return undefined;
  const strategy = strategyOf(context);
  const mergeKey = strategy.kind === 'by-key' ? strategy.key : undefined;
  if (change !== undefined) checkAgainstOrder(change, order, isDeletion, mergeKey);
  const merged = change === undefined ? (live ?? []) : mergeList(live ?? [], change, strategy, context.descend());
  return orderElements(merged, order, live ?? [], mergeKey);
}

function mergeMember(result: JsonObject, key: string, change: JsonValue, context: Context): void {
  if (change === null) {
    delete result[key];
    return;
  }
  const live = getOwn(result, key);
  if (isObject(live) && isObject(change)) {
    setOwn(result, key, context.descend()(live, change, fieldContext(context, key).type));
  } else if (Array.isArray(live) && Array.isArray(change)) {
    setOwn(result, key, mergeList(live, change, strategyOf(fieldContext(context, key)), context.descend()));
  } else {
    const value = withoutDirectives(change);
    if (value === undefined) delete result[key];
    else setOwn(result, key, value);
  }
}

function deleteMembers(result: JsonObject, field: string, values: JsonValue): void {
  if (!Array.isArray(values)) throw badPrimitiveListFormat();
  const live = getOwn(result, field);
  if (Array.isArray(live)) setOwn(result, field, deleteFromList(live, values));
}

function fieldContext(context: Context, field: string): Context {
  const { type } = context;
  if (type.kind !== 'map') return { ...context, type: DEDUCED };
  return { ...context, type: type.field(field) ?? type.element ?? DEDUCED };
}

function strategyOf({ type, mergeByListKeys }: Context): ListStrategy {
  if (type.kind !== 'list') return { kind: 'replace' };
  const { element, keys, patchMerge, patchMergeKey, relationship } = type;
  if (patchMerge) {
    return patchMergeKey === undefined ? { kind: 'primitives' } : { kind: 'by-key', key: patchMergeKey, element };
  }
  const [key] = keys;
  if (mergeByListKeys && relationship === 'map' && keys.length === 1 && key !== undefined) {
    return { kind: 'by-key', key, element };
  }
  return mergeByListKeys && relationship === 'set' ? { kind: 'primitives' } : { kind: 'replace' };
}
