import { trackUpdate } from '@kcp/apimachinery/apply/track-update';
import type { KubeObject, ManagedFieldsEntry } from '@kcp/apimachinery/meta/object';
import { apiVersionOf } from '@kcp/apimachinery/meta/resource';
import { formatTime } from '../clock.js';
import type { WriteScope } from './write-scope.js';

/**
 * Puts into `next` the managedFields that it must carry after a write that is no apply. Fields are those of the version
 * of the URL, also where another version is stored.
 */
export function trackFields(scope: WriteScope, live: KubeObject | undefined, next: KubeObject, now: number): void {
  const { resetFields } = scope.strategy;
  const { codec } = scope.type;
  const unset = live === undefined ? codec.unset?.() : undefined;
  const entries = trackUpdate({
    type: scope.type.mergeType(),
    live: live === undefined || codec.sameAsStorage ? live : codec.fromStorage({ ...live }),
    next: codec.sameAsStorage ? next : codec.fromStorage({ ...next }),
    manager: scope.fieldManager,
    apiVersion: apiVersionOf(scope.type.gvk),
    subresource: scope.subresource,
    now: formatTime(now),
    ...(resetFields === undefined ? {} : { resetFields }),
    ...(unset === undefined ? {} : { unset }),
  });
  if (entries === undefined) delete next.metadata.managedFields;
  else next.metadata.managedFields = isProjected(scope) ? timeless(entries, scope.subresource) : entries;
}

function isProjected({ type, subresource }: WriteScope): boolean {
  return type.subresources.get(subresource)?.form === 'projected';
}

/** On their way through a projection upstream's entries lose their time. */
export function timeless(entries: readonly ManagedFieldsEntry[], subresource: string): ManagedFieldsEntry[] {
  return entries.map((entry) => {
    if (entry.subresource !== subresource) return entry;
    const { time: _, ...rest } = entry;
    return rest;
  });
}
