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
    bringAll(policy, CLUSTER_ROLES, bootstrapClusterRoles(), reconcileClusterRole),
    bringAll(policy, CLUSTER_ROLE_BINDINGS, bootstrapClusterRoleBindings(), reconcileClusterRoleBinding),
  ]);
}

async function bringAll(
  client: Client,
  resource: GroupVersionResource,
  wanted: readonly KubeObject[],
  reconcile: Reconcile,
): Promise<void> {
  const { items } = await client.list(resource);
  const stored = new Map(items.map((item) => [item.metadata.name, item]));
  await Promise.all(
    wanted.map((object) => bring(client, resource, stored.get(object.metadata.name), object, reconcile)),
  );
}

/** Two servers may start at once: whoever loses looks again. */
async function bring(
  client: Client,
  resource: GroupVersionResource,
  stored: KubeObject | undefined,
  wanted: KubeObject,
  reconcile: Reconcile,
): Promise<void> {
  try {
    await carryOut(client, resource, reconcile(stored, wanted));
  } catch (error) {
    if (!hasReason(error, 'Conflict') && !hasReason(error, 'AlreadyExists')) throw error;
    const name = wanted.metadata.name ?? '';
    const now = await client.get(resource, { name }).catch((fault: unknown) => absentOrThrow(fault));
    await bring(client, resource, now, wanted, reconcile);
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
