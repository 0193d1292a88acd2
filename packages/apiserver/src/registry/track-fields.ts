import { trackUpdate } from '@kcp/apimachinery/apply/track-update';
import { type FieldSet, fieldSetOfPaths } from '@kcp/apimachinery/apply/field-set';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { apiVersionOf } from '@kcp/apimachinery/meta/resource';
import { formatTime } from '../clock.js';
import type { Strategy } from './strategy.js';
import type { WriteScope } from './write-scope.js';

const resetSets = new WeakMap<Strategy, FieldSet>();

/** The fields that an endpoint resets, as a set; made once per strategy. */
export function resetFieldsOf(strategy: Strategy): FieldSet | undefined {
  if (strategy.resetFields === undefined) return undefined;
  let set = resetSets.get(strategy);
  if (set === undefined) {
    set = fieldSetOfPaths(strategy.resetFields);
    resetSets.set(strategy, set);
  }
  return set;
}

/** Puts into `next` the managedFields that it must carry after a write that is no apply. */
export function trackFields(scope: WriteScope, live: KubeObject | undefined, next: KubeObject, now: number): void {
  const resetFields = resetFieldsOf(scope.strategy);
  const entries = trackUpdate({
    type: scope.type.mergeType(),
    live,
    next,
    manager: scope.fieldManager,
    apiVersion: apiVersionOf(scope.type.gvk),
    subresource: scope.subresource,
    now: formatTime(now),
    ...(resetFields === undefined ? {} : { resetFields }),
  });
  if (entries === undefined) delete next.metadata.managedFields;
  else next.metadata.managedFields = entries;
}
