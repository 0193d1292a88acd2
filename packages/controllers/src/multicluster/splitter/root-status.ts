import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readNumber, readString } from '@kcp/apimachinery/schema/read';
import { type Condition, conditionsOf, withCondition } from '../../controller/conditions.js';
import type { LeafView, RootView } from './deployment-view.js';

/** Numbers of a Deployment's status that add up; those that are 0 are left out, as upstream. */
const COUNTS = [
  'replicas',
  'updatedReplicas',
  'readyReplicas',
  'availableReplicas',
  'unavailableReplicas',
  'terminatingReplicas',
] as const;

/** What is wrong with the distribution itself, before any leaf is looked at. */
export interface Obstacle {
  readonly reason: 'NoRegisteredClusters' | 'NoReadyClusters' | 'InsufficientCapacity';
  readonly message: string;
}

/**
 * The status of a root: the sums of its leaves in clusters that can be reached, their conditions merged, and the root's
 * generation once every leaf is of it and every cluster has seen its own.
 */
export function rootStatus(
  root: RootView,
  leaves: readonly LeafView[],
  obstacle: Obstacle | undefined,
  nowMs: number,
): JsonObject {
  const status: JsonObject = {};
  for (const name of COUNTS) {
    const sum = leaves.reduce((all, leaf) => all + (readNumber(leaf.status, name) ?? 0), 0);
    if (sum > 0) status[name] = sum;
  }
  const observed = leaves.every((leaf) => hasObserved(leaf) && leaf.spec === root.spec);
  const before = readNumber(root.status, 'observedGeneration');
  const observedGeneration = observed ? root.generation : Math.min(before ?? 0, root.generation - 1);
  if (observedGeneration > 0) status.observedGeneration = observedGeneration;
  const conditions = mergedConditions(leaves, obstacle).flatMap((wanted) =>
    withCondition(conditionsOf(root.status), wanted, nowMs).filter(({ type }) => type === wanted.type),
  );
  if (conditions.length > 0) status.conditions = conditions;
  return status;
}

function hasObserved({ status, generation }: LeafView): boolean {
  return (readNumber(status, 'observedGeneration') ?? 0) >= generation;
}

function mergedConditions(leaves: readonly LeafView[], obstacle: Obstacle | undefined): Condition[] {
  const types = new Set(leaves.flatMap(({ status }) => conditionsOf(status).map((one) => readString(one, 'type'))));
  const merged = [...types].sort().flatMap((type) => mergedCondition(type, leaves) ?? []);
  if (obstacle === undefined) return merged;
  const blocked: Condition = { type: 'Progressing', status: 'False', ...obstacle };
  return [...merged.filter(({ type }) => type !== blocked.type), blocked];
}

/** A condition that is good news is True when it is of all leaves; bad news is True when it is of one. */
function mergedCondition(type: string, leaves: readonly LeafView[]): Condition | undefined {
  const all = leaves.map((leaf) => ({ leaf, condition: conditionOf(leaf, type) }));
  const decisive = BAD_NEWS.has(type) ? 'True' : 'False';
  const against = all.filter(({ condition }) => condition?.status === decisive);
  const [first] = against;
  if (first?.condition !== undefined) {
    const message = against
      .map(({ leaf, condition }) => `${leaf.location}: ${textOf(condition, 'message')}`)
      .join('; ');
    return { type, status: decisive, reason: textOf(first.condition, 'reason'), message };
  }
  const other = BAD_NEWS.has(type) ? 'False' : 'True';
  // As long as one has not said anything there is nothing to say of all.
  const silent = all.find(({ condition }) => condition?.status !== other);
  if (silent !== undefined) return silent.condition === undefined ? undefined : unknown(type, silent.leaf);
  return {
    type,
    status: other,
    ...leastAdvanced(all.map(({ condition }) => condition).filter((one) => one !== undefined)),
  };
}

const BAD_NEWS: ReadonlySet<string> = new Set(['ReplicaFailure']);
/** The last reason of a Deployment that progresses: any other is that of one that still does. */
const COMPLETE = 'NewReplicaSetAvailable';

function leastAdvanced(conditions: readonly JsonObject[]): Pick<Condition, 'reason' | 'message'> {
  const told = conditions.find((one) => readString(one, 'reason') !== COMPLETE) ?? conditions[0];
  return { reason: textOf(told, 'reason'), message: textOf(told, 'message') };
}

function unknown(type: string, { location }: LeafView): Condition {
  return { type, status: 'Unknown', reason: 'Unknown', message: `${location} does not know` };
}

function conditionOf({ status }: LeafView, type: string): JsonObject | undefined {
  return conditionsOf(status).find((one) => readString(one, 'type') === type);
}

function textOf(condition: JsonObject | undefined, name: string): string {
  return condition === undefined ? '' : readString(condition, name);
}
