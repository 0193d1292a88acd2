import { type ClusterName, POLICY_CLUSTER } from '@kcp/apimachinery/meta/cluster-name';
import type { UserInfo } from '../../authn/user.js';
import { ClusterPolicy, type Grant } from './cluster-policy.js';
import { followRbac, type RbacSource } from './rbac-source.js';
import type { RoleLookup } from './role-lookup.js';
import { subjectKeysOf } from './subject.js';

/** Most logical clusters whose policy is kept; the least recently asked goes first and is made again when needed. */
export const POLICIES_KEPT_MAX = 2_000;

/**
 * The policies of all logical clusters, each made when it is first asked for and again after a change. Besides its own,
 * the cluster-wide policy of the policy cluster holds in every logical cluster.
 */
export class Policies {
  readonly #source: RbacSource;
  readonly #roles: RoleLookup;
  readonly #kept = new Map<ClusterName, ClusterPolicy>();

  constructor(source: RbacSource, roles: RoleLookup) {
    this.#source = source;
    this.#roles = roles;
    followRbac(source, (cluster) => this.#forget(cluster));
  }

  /** The grants of a user that hold in the namespace (empty: those that hold everywhere), in the order of precedence. */
  *grantsOf(user: UserInfo, cluster: ClusterName, namespace: string): Generator<Grant, void, void> {
    const keys = subjectKeysOf(user);
    const own = this.#of(cluster);
    for (const key of keys) yield* own.clusterWide(key);
    if (cluster !== POLICY_CLUSTER) {
      const everywhere = this.#of(POLICY_CLUSTER);
      for (const key of keys) yield* everywhere.clusterWide(key);
    }
    if (namespace === '') return;
    for (const key of keys) yield* own.inNamespace(namespace, key);
  }

  #of(cluster: ClusterName): ClusterPolicy {
    const known = this.#kept.get(cluster);
    if (known !== undefined) return known;
    const made = new ClusterPolicy(this.#source, this.#roles, cluster);
    this.#kept.set(cluster, made);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= POLICIES_KEPT_MAX) break;
      this.#kept.delete(oldest);
    }
    return made;
  }

  /** Roles of the policy cluster may be bound anywhere, so a change there concerns all. */
  #forget(cluster: ClusterName | undefined): void {
    if (cluster === undefined || cluster === POLICY_CLUSTER) this.#kept.clear();
    else this.#kept.delete(cluster);
  }
}
