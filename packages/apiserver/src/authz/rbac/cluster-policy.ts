import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import { readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import type { CachedObject } from '@kcp/storage/cache';
import { newMemoSlot } from '@kcp/storage/watch-cache/memo';
import type { PolicyRule } from './policy-rule.js';
import type { RbacSource } from './rbac-source.js';
import type { RoleLookup } from './role-lookup.js';
import { describeSubject, type SubjectKey, subjectKey } from './subject.js';

/** What one binding gives to one subject. */
export interface Grant {
  readonly rules: readonly PolicyRule[];
  /** `ClusterRoleBinding "b" of ClusterRole "r" to User "u"`. */
  readonly description: string;
  /** Set when the role is not there: what to say of it. The grant then gives nothing. */
  readonly missing?: string;
}

type GrantsBySubject = Map<SubjectKey, Grant[]>;

interface Subject {
  readonly key: SubjectKey;
  readonly description: string;
}

interface Binding {
  readonly roleKind: string;
  readonly roleName: string;
  readonly description: string;
  readonly subjects: readonly Subject[];
}

const NO_GRANTS: readonly Grant[] = [];
const bindingSlot = newMemoSlot<Binding>('binding');

/**
 * The roles and bindings of one logical cluster by subject, made of what was stored at one moment. Parsed bindings and
 * rules are kept with their cached objects, so making a policy anew after a change is a walk over what is parsed already.
 */
export class ClusterPolicy {
  readonly #clusterWide: GrantsBySubject = new Map();
  readonly #namespaced = new Map<string, GrantsBySubject>();

  constructor(source: RbacSource, roles: RoleLookup, cluster: ClusterName) {
    for (const cached of source.clusterRoleBindings.list(cluster, '').items) {
      this.#add(this.#clusterWide, cached, (binding) => findRules(roles, cluster, '', binding));
    }
    for (const cached of source.roleBindings.list(cluster, '').items) {
      const { namespace } = cached.key;
      const grants = this.#ofNamespace(namespace);
      this.#add(grants, cached, (binding) => findRules(roles, cluster, namespace, binding));
    }
  }

  /** What a subject may do everywhere in the cluster. */
  clusterWide(key: SubjectKey): readonly Grant[] {
    return this.#clusterWide.get(key) ?? NO_GRANTS;
  }

  /** What a subject may do in one namespace besides. */
  inNamespace(namespace: string, key: SubjectKey): readonly Grant[] {
    return this.#namespaced.get(namespace)?.get(key) ?? NO_GRANTS;
  }

  #ofNamespace(namespace: string): GrantsBySubject {
    const known = this.#namespaced.get(namespace);
    if (known !== undefined) return known;
    const grants: GrantsBySubject = new Map();
    this.#namespaced.set(namespace, grants);
    return grants;
  }

  #add(grants: GrantsBySubject, cached: CachedObject, rulesFor: (binding: Binding) => FoundRules): void {
    const binding = cached.memo(bindingSlot, () => parseBinding(cached));
    const found = rulesFor(binding);
    for (const { key, description } of binding.subjects) {
      const grant = { ...found, description: `${binding.description} to ${description}` };
      const list = grants.get(key);
      if (list === undefined) grants.set(key, [grant]);
      else list.push(grant);
    }
  }
}

type FoundRules = Pick<Grant, 'rules' | 'missing'>;

function findRules(
  roles: RoleLookup,
  cluster: ClusterName,
  namespace: string,
  { roleKind, roleName }: Binding,
): FoundRules {
  const resource = roleKind === 'Role' ? 'roles' : 'clusterroles';
  const rules = roles.rulesOf(cluster, resource, namespace, roleName);
  if (rules !== undefined) return { rules };
  const what = roleKind === 'Role' ? 'role' : 'clusterrole';
  return { rules: [], missing: `${what}.rbac.authorization.k8s.io ${goQuote(roleName)} not found` };
}

function parseBinding(cached: CachedObject): Binding {
  const { name, namespace } = cached.key;
  const object = cached.parse();
  const roleRef = readObject(object, 'roleRef') ?? {};
  const roleKind = readString(roleRef, 'kind');
  const roleName = readString(roleRef, 'name');
  const own =
    namespace === '' ? `ClusterRoleBinding ${goQuote(name)}` : `RoleBinding ${goQuote(`${name}/${namespace}`)}`;
  return {
    roleKind,
    roleName,
    description: `${own} of ${roleKind} ${goQuote(roleName)}`,
    subjects: readObjects(object, 'subjects').flatMap((subject) => parsedSubject(subject, namespace)),
  };
}

function parsedSubject(subject: JsonObject, namespace: string): Subject[] {
  const key = subjectKey(subject, namespace);
  return key === undefined ? [] : [{ key, description: describeSubject(subject, namespace) }];
}
