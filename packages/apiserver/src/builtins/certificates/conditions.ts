import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from '@kcp/apimachinery/errors/field-error';
import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import type { JsonObject, JsonValue } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import { childPath, indexPath } from '@kcp/apimachinery/validation/field-path';
import { formatTime } from '../../clock.js';

const FIELD = 'status.conditions';
export const DECISIONS = ['Approved', 'Denied'];
/** A condition of these types is true or not there, and never goes away again. */
const LASTING = [...DECISIONS, 'Failed'];
const STATUSES = ['False', 'True', 'Unknown'];

export function conditionsOf(request: KubeObject): JsonObject[] {
  return readObjects(readObject(request, 'status') ?? {}, 'conditions');
}

function ofType(request: KubeObject, type: string): JsonObject[] {
  return conditionsOf(request).filter((condition) => readString(condition, 'type') === type);
}

/**
 * Faults of the conditions by themselves. What is wrong in `old` already (undefined for a creation) is tolerated, as
 * upstream does.
 */
export function conditionErrors(request: KubeObject, old: KubeObject | undefined): FieldError[] {
  const before = old === undefined ? [] : conditionsOf(old).map((condition) => readString(condition, 'type'));
  const tolerant = {
    both: DECISIONS.every((type) => before.includes(type)),
    duplicates: new Set(before).size < before.length,
    nameless: before.includes(''),
  };
  const seen = new Set<string>();
  return conditionsOf(request).flatMap((condition, index) => {
    const type = readString(condition, 'type');
    const field = indexPath(FIELD, index);
    const errors = type === '' && !tolerant.nameless ? [required(childPath(field, 'type'))] : [];
    errors.push(...statusErrors(type, readString(condition, 'status'), childPath(field, 'status')));
    if (!tolerant.both && contradicts(type, seen)) {
      errors.push(invalid(FIELD, type, 'Approved and Denied conditions are mutually exclusive'));
    }
    if (!tolerant.duplicates && seen.has(type)) errors.push(duplicate(childPath(field, 'type'), type));
    seen.add(type);
    return errors;
  });
}

function statusErrors(type: string, status: string, field: string): FieldError[] {
  const allowed = LASTING.includes(type) ? ['True'] : STATUSES;
  if (status === '') return [required(field)];
  return allowed.includes(status) ? [] : [notSupported(field, status, allowed)];
}

function contradicts(type: string, seen: ReadonlySet<string>): boolean {
  return DECISIONS.includes(type) && DECISIONS.some((other) => other !== type && seen.has(other));
}

/** Faults of a change: lasting conditions stay, and only `/approval` makes decisions. */
export function changedConditionErrors(request: KubeObject, old: KubeObject, mayDecide: boolean): FieldError[] {
  const count = (object: KubeObject, type: string): number => ofType(object, type).length;
  const refuse = (what: string, type: string): FieldError =>
    forbidden(FIELD, `updates may not ${what} a condition of type ${goQuote(type)}`);
  const removed = LASTING.filter((type) => count(request, type) < count(old, type));
  const added = mayDecide ? [] : DECISIONS.filter((type) => count(request, type) > count(old, type));
  return [...removed.map((type) => refuse('remove', type)), ...added.map((type) => refuse('add', type))];
}

/** Takes decisions over from what is stored; their number is left to validation. */
export function keepDecisions(request: KubeObject, old: KubeObject): void {
  const conditions = conditionsOf(request);
  for (const type of DECISIONS) {
    const [now, before] = [ofType(request, type), ofType(old, type)];
    if (now.length !== before.length) continue;
    now.forEach((condition, index) => {
      const kept = before[index];
      if (kept !== undefined) conditions[conditions.indexOf(condition)] = kept;
    });
  }
  const status = readObject(request, 'status');
  if (status?.conditions !== undefined) status.conditions = conditions;
}

/** Fills in when a condition was updated, and since when it has its status. */
export function stampConditions(request: KubeObject, old: KubeObject, now: number): void {
  const time = formatTime(now);
  for (const condition of conditionsOf(request)) {
    if (isUnset(condition.lastUpdateTime)) condition.lastUpdateTime = time;
    if (!isUnset(condition.lastTransitionTime)) continue;
    const same = conditionsOf(old).find(
      (other) =>
        other.type === condition.type && other.status === condition.status && !isUnset(other.lastTransitionTime),
    );
    condition.lastTransitionTime = same?.lastTransitionTime ?? time;
  }
}

function isUnset(time: JsonValue | undefined): boolean {
  return time === undefined || time === null;
}
