import type { JsonObject } from '@kcp/apimachinery/json/value';
import { deepEqual } from '@kcp/apimachinery/json/value';
import { readNumber, readString } from '@kcp/apimachinery/schema/read';
import { type Condition, withCondition } from '../../controller/conditions.js';

/** Conditions with these in place, each said of `generation`; the same list where nothing changes. */
export function withConditions(
  known: readonly JsonObject[],
  wanted: readonly Condition[],
  generation: number,
  nowMs: number,
): readonly JsonObject[] {
  const made = wanted.reduce<readonly JsonObject[]>((all, condition) => {
    const next = withCondition(all, condition, nowMs);
    return next.map((one) =>
      readString(one, 'type') === condition.type ? { ...one, observedGeneration: generation } : one,
    );
  }, known);
  return deepEqual([...known], [...made]) ? known : made;
}

/** True when a condition holds, and was said of the generation that is there now. */
export function holdsNow(conditions: readonly JsonObject[], type: string, generation: number): boolean {
  const found = conditions.find((condition) => readString(condition, 'type') === type);
  return (
    found !== undefined &&
    readString(found, 'status') === 'True' &&
    readNumber(found, 'observedGeneration') === generation
  );
}
