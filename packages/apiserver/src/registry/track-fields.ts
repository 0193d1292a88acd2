import { trackUpdate } from '@kcp/apimachinery/apply/track-update';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { apiVersionOf } from '@kcp/apimachinery/meta/resource';
import { formatTime } from '../clock.js';
import type { WriteScope } from './write-scope.js';

/** Puts into `next` the managedFields that it must carry after a write that is no apply. */
export function trackFields(scope: WriteScope, live: KubeObject | undefined, next: KubeObject, now: number): void {
  const { resetFields } = scope.strategy;
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
