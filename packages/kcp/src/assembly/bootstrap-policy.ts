import { hasReason } from '@kcp/apimachinery/errors/status-error';
import { POLICY_CLUSTER } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import { bootstrapClusterRoleBindings, bootstrapClusterRoles } from '@kcp/apiserver/authz/rbac/bootstrap-roles';
import {
  type Reconciliation,
  reconcileClusterRole,
  reconcileClusterRoleBinding,
} from '@kcp/apiserver/authz/rbac/reconcile-bootstrap';
import type { Client } from '@kcp/client/rest/client';

const RBAC = { group: 'rbac.authorization.k8s.io', version: 'v1' };
const CLUSTER_ROLES: GroupVersionResource = { ...RBAC, resource: 'clusterroles' };
const CLUSTER_ROLE_BINDINGS: GroupVersionResource = { ...RBAC, resource: 'clusterrolebindings' };

type Reconcile = (stored: KubeObject | undefined, wanted: KubeObject) => Reconciliation;

/**
 * Writes the policy that holds everywhere into the policy cluster, once for all logical clusters, and adds to what is
 * there what this version brings. Rejects with StatusError.
 */
export async function applyBootstrapPolicy(client: Client): Promise<void> {
  const policy = client.in(POLICY_CLUSTER);
  await Promise.all([
    ...bootstrapClusterRoles().map((role) => bring(policy, CLUSTER_ROLES, role, reconcileClusterRole)),
    ...bootstrapClusterRoleBindings().map((binding) =>
      bring(policy, CLUSTER_ROLE_BINDINGS, binding, reconcileClusterRoleBinding),
    ),
  ]);
}

/** Two servers may start at once: whoever loses looks again. */
async function bring(
  client: Client,
  resource: GroupVersionResource,
  wanted: KubeObject,
  reconcile: Reconcile,
): Promise<void> {
  const name = wanted.metadata.name ?? '';
  for (;;) {
    const stored = await client.get(resource, { name }).catch((error: unknown) => absentOrThrow(error));
    try {
      return await carryOut(client, resource, reconcile(stored, wanted));
    } catch (error) {
      if (!hasReason(error, 'Conflict') && !hasReason(error, 'AlreadyExists')) throw error;
    }
  }
}

async function carryOut(client: Client, resource: GroupVersionResource, step: Reconciliation): Promise<void> {
  switch (step.action) {
    case 'none':
      return;
    case 'create':
      await client.create(resource, step.object);
      return;
    case 'update':
      await client.update(resource, step.object);
      return;
    case 'recreate':
      await client.delete(resource, { name: step.object.metadata.name ?? '' });
      await client.create(resource, step.object);
  }
}

function absentOrThrow(error: unknown): undefined {
  if (hasReason(error, 'NotFound')) return undefined;
  throw error;
}
