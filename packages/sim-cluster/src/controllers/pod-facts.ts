import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject, OwnerReference } from '@kcp/apimachinery/meta/object';
import { readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';

/** What controllers ask of pods, as upstream's `pkg/api/v1/pod` and `controller_utils` answer it. */

export function specOf(object: JsonObject): JsonObject {
  return readObject(object, 'spec') ?? {};
}

export function statusOf(object: JsonObject): JsonObject {
  return readObject(object, 'status') ?? {};
}

export function phaseOf(pod: KubeObject): string {
  return readString(statusOf(pod), 'phase');
}

export function nodeOf(pod: KubeObject): string {
  return readString(specOf(pod), 'nodeName');
}

export function conditionOf(object: KubeObject, type: string): JsonObject | undefined {
  return readObjects(statusOf(object), 'conditions').find((one) => readString(one, 'type') === type);
}

export function isDeleted(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}

/** Neither done nor on its way out. */
export function isActive(pod: KubeObject): boolean {
  const phase = phaseOf(pod);
  return phase !== 'Succeeded' && phase !== 'Failed' && !isDeleted(pod);
}

export function isReady(pod: KubeObject): boolean {
  return readString(conditionOf(pod, 'Ready') ?? {}, 'status') === 'True';
}

/** Milliseconds until the pod counts as available: 0 now, undefined not before it is ready. */
export function msUntilAvailable(pod: KubeObject, minReadySeconds: number, now: number): number | undefined {
  const ready = conditionOf(pod, 'Ready');
  if (ready === undefined || readString(ready, 'status') !== 'True') return undefined;
  if (minReadySeconds === 0) return 0;
  const since = Date.parse(readString(ready, 'lastTransitionTime'));
  return Number.isNaN(since) ? undefined : Math.max(0, since + minReadySeconds * 1_000 - now);
}

/** The reference that makes `owner` the controller of an object. */
export function controllerReference(owner: KubeObject): OwnerReference {
  const { name = '', uid = '' } = owner.metadata;
  const { apiVersion, kind } = owner;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** A map of texts; members of other types count as absent. */
export function texts(object: JsonObject, name: string): Record<string, string> {
  const found = readObject(object, name);
  if (!isObject(found)) return {};
  return Object.fromEntries(
    Object.entries(found).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
