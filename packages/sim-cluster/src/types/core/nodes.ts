import { deepClone } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject } from '@kcp/apimachinery/schema/read';
import { coreV1 } from '@kcp/apiserver/builtins/core/core-group';
import { keepStatus, statusSubresource } from '@kcp/apiserver/builtins/status-subresource';
import { specOf, workloadType } from '../workload-type.js';

export const NODES = workloadType({
  gvk: coreV1('Node'),
  plural: 'nodes',
  shortNames: ['no'],
  namespaced: false,
  defaults: allocateAll,
  selectableFields: { 'spec.unschedulable': (node) => String(readObject(node, 'spec')?.unschedulable === true) },
  strategy: {
    generation: 'none',
    // A kubelet registers itself with its status.
    prepareForUpdate: keepStatus,
  },
  subresources: { status: statusSubresource() },
});

/** Whoever states no allocatable resources gives all he has. */
function allocateAll(node: KubeObject): void {
  const status = readObject(node, 'status');
  const capacity = status === undefined ? undefined : readObject(status, 'capacity');
  if (status !== undefined && capacity !== undefined) status.allocatable ??= deepClone(capacity);
  node.spec ??= specOf(node);
}
