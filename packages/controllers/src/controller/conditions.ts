import { formatGoTime } from '@kcp/apimachinery/codec/go-time';
import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import { readString } from '@kcp/apimachinery/schema/read';

/** A condition before it has a time. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/** The conditions of a status, those that are objects. */
export function conditionsOf(status: JsonObject): JsonObject[] {
  return Array.isArray(status.conditions) ? status.conditions.filter(isObject) : [];
}

/** True when a status says exactly that already, at whatever time it began. */
export function hasCondition(conditions: readonly JsonObject[], wanted: Condition): boolean {
  return conditions.some(
    (known) =>
      readString(known, 'type') === wanted.type &&
      readString(known, 'status') === wanted.status &&
      readString(known, 'reason') === wanted.reason &&
      readString(known, 'message') === wanted.message,
  );
}

/** The conditions with this one in its place or at the end. Its time changes with its status alone. */
export function withCondition(conditions: readonly JsonObject[], wanted: Condition, nowMs: number): JsonObject[] {
  const { type, status, reason, message } = wanted;
  const known = conditions.find((condition) => readString(condition, 'type') === type);
  const since = known !== undefined && readString(known, 'status') === status ? known.lastTransitionTime : undefined;
  const lastTransitionTime = since ?? formatGoTime(Math.floor(nowMs / 1_000));
  const made: JsonObject = { type, status, lastTransitionTime, reason, message };
  if (known === undefined) return [...conditions, made];
  return conditions.map((condition) => (condition === known ? made : condition));
}
