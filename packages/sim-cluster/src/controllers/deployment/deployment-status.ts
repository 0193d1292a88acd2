import { formatGoTime } from '@kcp/apimachinery/codec/go-time';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readNumber, readObjects, readString } from '@kcp/apimachinery/schema/read';
import type { Condition } from '@kcp/controllers/controller/conditions';
import { specOf, statusOf } from '../pod-facts.js';
import { positive } from '../replica-set/replica-set-controller.js';
import { available, leewayOf, replicasWanted, sumOf } from './plan.js';

/** What a deployment's sets amount to, before conditions. */
export function countsOf(
  deployment: KubeObject,
  current: KubeObject | undefined,
  sets: readonly KubeObject[],
): JsonObject {
  const wanted = sumOf(sets, replicasWanted);
  const availableNow = sumOf(sets, available);
  const collisions = readNumber(statusOf(deployment), 'collisionCount');
  return {
    ...positive('observedGeneration', Number(deployment.metadata.generation ?? 0)),
    ...positive('replicas', sumOf(sets, count('replicas'))),
    ...positive('updatedReplicas', current === undefined ? 0 : count('replicas')(current)),
    ...positive('readyReplicas', sumOf(sets, count('readyReplicas'))),
    ...positive('availableReplicas', availableNow),
    ...positive('unavailableReplicas', Math.max(0, wanted - availableNow)),
    ...(collisions === undefined ? {} : { collisionCount: collisions }),
  };
}

function count(name: string): (object: KubeObject) => number {
  return (object) => readNumber(statusOf(object), name) ?? 0;
}

export function availabilityOf(deployment: KubeObject, counts: JsonObject): Condition {
  const enough =
    (readNumber(counts, 'availableReplicas') ?? 0) >= replicasWanted(deployment) - leewayOf(deployment).unavailable;
  return {
    type: 'Available',
    status: enough ? 'True' : 'False',
    reason: enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    message: enough ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.',
  };
}

/** Everything runs the present template, and nothing else is left. */
export function isComplete(deployment: KubeObject, counts: JsonObject): boolean {
  const wanted = replicasWanted(deployment);
  return ['updatedReplicas', 'replicas', 'availableReplicas'].every(
    (name) => (readNumber(counts, name) ?? 0) === wanted,
  );
}

/** More of what is wanted, or less of what is not, than the last status told. */
export function isProgressing(deployment: KubeObject, counts: JsonObject): boolean {
  const old = statusOf(deployment);
  const [before, now] = [(name: string) => readNumber(old, name) ?? 0, (name: string) => readNumber(counts, name) ?? 0];
  const outdated = (read: (name: string) => number): number => read('replicas') - read('updatedReplicas');
  return (
    now('updatedReplicas') > before('updatedReplicas') ||
    outdated(now) < outdated(before) ||
    now('readyReplicas') > before('readyReplicas') ||
    now('availableReplicas') > before('availableReplicas')
  );
}

/** A condition of a deployment, which also says when it was last looked at with another result. */
export function withDeploymentCondition(
  conditions: readonly JsonObject[],
  wanted: Condition,
  now: number,
): JsonObject[] {
  const { type, status, reason, message } = wanted;
  const known = conditions.find((one) => readString(one, 'type') === type);
  if (known !== undefined && known.status === status && known.reason === reason && known.message === message) {
    return [...conditions];
  }
  const time = formatGoTime(Math.floor(now / 1_000));
  const lastTransitionTime = known?.status === status ? (known.lastTransitionTime ?? time) : time;
  const made: JsonObject = { type, status, lastUpdateTime: time, lastTransitionTime, reason, message };
  return known === undefined ? [...conditions, made] : conditions.map((one) => (one === known ? made : one));
}

/** Milliseconds after which a rollout that does not move counts as stuck; undefined: never. */
export function deadlineOf(deployment: KubeObject): number | undefined {
  const seconds = readNumber(specOf(deployment), 'progressDeadlineSeconds');
  return seconds === undefined || seconds >= 2 ** 31 - 1 ? undefined : seconds * 1_000;
}

export function progressOf(deployment: KubeObject): JsonObject | undefined {
  return readObjects(statusOf(deployment), 'conditions').find((one) => readString(one, 'type') === 'Progressing');
}
