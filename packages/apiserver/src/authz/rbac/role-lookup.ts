import { type ClusterName, POLICY_CLUSTER } from '@kcp/apimachinery/meta/cluster-name';
import type { CachedObject } from '@kcp/storage/cache';
import { newMemoSlot } from '@kcp/storage/watch-cache/memo';
import { type PolicyRule, rulesOf } from './policy-rule.js';
import type { RbacSource } from './rbac-source.js';

const rulesSlot = newMemoSlot<readonly PolicyRule[]>('rules of a role');

/** Finds what a binding refers to. Cluster roles of the policy cluster may be bound in every logical cluster. */
export class RoleLookup {
  readonly #source: RbacSource;

  constructor(source: RbacSource) {
    this.#source = source;
  }

  /** The rules of a role or cluster role; undefined when there is none of that name. */
  rulesOf(
    cluster: ClusterName,
    resource: 'roles' | 'clusterroles',
    namespace: string,
    name: string,
  ): readonly PolicyRule[] | undefined {
    const role = resource === 'roles' ? this.#role(cluster, namespace, name) : this.#clusterRole(cluster, name);
    return role?.memo(rulesSlot, () => rulesOf(role.parse()));
  }

  #role(cluster: ClusterName, namespace: string, name: string): CachedObject | undefined {
    return this.#source.roles.get({ cluster, namespace, name });
  }

  #clusterRole(cluster: ClusterName, name: string): CachedObject | undefined {
    const { clusterRoles } = this.#source;
    const own = clusterRoles.get({ cluster, namespace: '', name });
    return own ?? clusterRoles.get({ cluster: POLICY_CLUSTER, namespace: '', name });
  }
}
