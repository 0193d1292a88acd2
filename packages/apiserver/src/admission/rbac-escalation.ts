import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import { newForbidden, newNotFound } from '@kcp/apimachinery/errors/status-error';
import { deepEqual, type JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readString } from '@kcp/apimachinery/schema/read';
import { MASTERS_GROUP } from '../authn/user.js';
import type { Authorizer } from '../authz/authorizer.js';
import { describeRights, goList, missingRights } from '../authz/rbac/covers.js';
import { type PolicyRule, rulesOf } from '../authz/rbac/policy-rule.js';
import type { RbacAuthorizer } from '../authz/rbac/rbac-authorizer.js';
import type { RoleLookup } from '../authz/rbac/role-lookup.js';
import type { AdmissionAttributes, AdmissionPlugin } from './admission.js';

const GROUP = 'rbac.authorization.k8s.io';
const ROLES: ReadonlySet<string> = new Set(['roles', 'clusterroles']);
const BINDINGS: ReadonlySet<string> = new Set(['rolebindings', 'clusterrolebindings']);
const EVERYTHING: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'], resourceNames: [], nonResourceURLs: [] },
  { verbs: ['*'], apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: ['*'] },
];

/**
 * Nobody grants more than he holds: a role may contain, and a binding refer to, only rights that its writer has himself,
 * unless he may `escalate` or `bind` (upstream's policy-based role storage).
 */
export class RbacEscalation implements AdmissionPlugin {
  readonly name = 'RBACEscalation';
  readonly #rbac: RbacAuthorizer;
  readonly #authorizer: Authorizer;
  readonly #roles: RoleLookup;

  constructor(rbac: RbacAuthorizer, authorizer: Authorizer, roles: RoleLookup) {
    this.#rbac = rbac;
    this.#authorizer = authorizer;
    this.#roles = roles;
  }

  validate(attributes: AdmissionAttributes): Promise<void> | void {
    const { type, object, operation, user, subresource } = attributes;
    if (type.gvk.group !== GROUP || object === undefined || subresource !== '') return;
    if (operation !== 'CREATE' && operation !== 'UPDATE') return;
    if (user.groups.includes(MASTERS_GROUP)) return;
    if (ROLES.has(type.names.plural)) return this.#checkRole(attributes, object);
    if (BINDINGS.has(type.names.plural)) return this.#checkBinding(attributes, object);
  }

  async #checkRole(attributes: AdmissionAttributes, role: KubeObject): Promise<void> {
    const { old, type, name } = attributes;
    if (old !== undefined && onlyOwnersDiffer(role, old)) return;
    if (await this.#may(attributes, 'escalate', type.names.plural, name)) return;
    if (role.aggregationRule !== undefined && this.#missing(attributes, EVERYTHING).length > 0) {
      const text = 'must have cluster-admin privileges to use the aggregationRule';
      throw newForbidden({ group: GROUP, resource: type.names.plural }, name, text);
    }
    this.#refuseMissing(attributes, rulesOf(role));
  }

  async #checkBinding(attributes: AdmissionAttributes, binding: KubeObject): Promise<void> {
    const { old, cluster, namespace } = attributes;
    if (old !== undefined && onlyOwnersDiffer(binding, old)) return;
    const roleRef = readObject(binding, 'roleRef') ?? {};
    const resource = readString(roleRef, 'kind') === 'Role' ? 'roles' : 'clusterroles';
    const name = readString(roleRef, 'name');
    if (await this.#may(attributes, 'bind', resource, name)) return;
    const rules = this.#roles.rulesOf(cluster, resource, namespace, name);
    // Upstream names the resource of the binding.
    if (rules === undefined) throw newNotFound({ group: GROUP, resource: attributes.type.names.plural }, name);
    this.#refuseMissing(attributes, rules);
  }

  async #may(attributes: AdmissionAttributes, verb: string, resource: string, name: string): Promise<boolean> {
    const { user, cluster: scope, namespace } = attributes;
    const { decision } = await this.#authorizer.authorize({
      kind: 'resource',
      user,
      scope,
      verb,
      group: GROUP,
      version: '*',
      resource,
      subresource: '',
      namespace,
      name,
    });
    return decision === 'allow';
  }

  #missing({ user, cluster, namespace }: AdmissionAttributes, wanted: readonly PolicyRule[]): PolicyRule[] {
    return missingRights(this.#rbac.policyRulesFor(user, cluster, namespace).rules, wanted);
  }

  #refuseMissing(attributes: AdmissionAttributes, wanted: readonly PolicyRule[]): void {
    const missing = this.#missing(attributes, wanted);
    if (missing.length === 0) return;
    const { user, type, name } = attributes;
    const who = `user ${goQuote(user.name)} (groups=${goList(user.groups)})`;
    const text = `${who} is attempting to grant RBAC permissions not currently held:\n${describeRights(missing)}`;
    throw newForbidden({ group: GROUP, resource: type.names.plural }, name, text);
  }
}

/** Whoever collects garbage may write what he does not hold himself, as long as he leaves the rest alone. */
function onlyOwnersDiffer(object: KubeObject, old: KubeObject): boolean {
  return deepEqual(withoutOwners(object), withoutOwners(old));
}

function withoutOwners({ metadata, ...object }: KubeObject): JsonObject {
  const { ownerReferences: _owners, finalizers: _finalizers, managedFields: _fields, ...rest } = metadata;
  return { ...object, metadata: rest };
}
