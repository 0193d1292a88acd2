import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readString } from '@kcp/apimachinery/schema/read';
import { formatTime } from '../../clock.js';
import type { StrategyContext } from '../../registry/strategy.js';

/** Held until no object of the definition is left. */
export const INSTANCE_CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

/**
 * The first deletion of a definition only announces that its objects go; what removes them takes the finalizer away.
 * Later ones wait for the finalizers that are left (upstream's registry does the same).
 */
export function beginInstanceDeletion(definition: KubeObject, { now }: StrategyContext): boolean {
  const { metadata } = definition;
  if (metadata.deletionTimestamp !== undefined) {
    metadata.deletionGracePeriodSeconds = 0;
    return false;
  }
  const finalizers = metadata.finalizers ?? [];
  if (!finalizers.includes(INSTANCE_CLEANUP_FINALIZER))
    metadata.finalizers = [...finalizers, INSTANCE_CLEANUP_FINALIZER];
  const status = readObject(definition, 'status') ?? {};
  const conditions = Array.isArray(status.conditions) ? status.conditions.filter(isObject) : [];
  definition.status = { ...status, conditions: withTerminating(conditions, formatTime(now)) };
  return true;
}

function withTerminating(conditions: readonly JsonObject[], time: string): JsonObject[] {
  const terminating: JsonObject = {
    type: 'Terminating',
    status: 'True',
    lastTransitionTime: time,
    reason: 'InstanceDeletionPending',
    message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  };
  return [...conditions.filter((condition) => readString(condition, 'type') !== 'Terminating'), terminating];
}
