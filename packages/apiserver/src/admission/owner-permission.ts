import { deepEqual } from '@kcp/apimachinery/json/value';
import type { KubeObject, OwnerReference } from '@kcp/apimachinery/meta/object';
import { parseApiVersion } from '@kcp/apimachinery/meta/resource';
import type { AuthorizationAttributes, Authorizer } from '../authz/authorizer.js';
import type { ResourceCatalog } from '../registry/catalog.js';
import type { ResourceType } from '../registry/resource-type.js';
import type { AdmissionAttributes, AdmissionPlugin } from './admission.js';
import { admissionForbidden } from './forbidden.js';

const NO_REFERENCES: readonly OwnerReference[] = [];

/**
 * Who makes an object one that the garbage collector deletes must be allowed to delete it, and who makes it hold up the
 * deletion of its owner must be allowed to set the owner's finalizers (upstream's OwnerReferencesPermissionEnforcement).
 * As upstream, a server has it only when asked for.
 */
export class OwnerReferencesPermissionEnforcement implements AdmissionPlugin {
  readonly name = 'OwnerReferencesPermissionEnforcement';
  readonly #authorizer: Authorizer;
  readonly #catalog: () => ResourceCatalog;

  constructor(authorizer: Authorizer, catalog: () => ResourceCatalog) {
    this.#authorizer = authorizer;
    this.#catalog = catalog;
  }

  validate(attributes: AdmissionAttributes): Promise<void> | void {
    const { operation, object, old, type, subresource } = attributes;
    if (object === undefined || (operation !== 'CREATE' && operation !== 'UPDATE')) return;
    if (type.gvk.group === '' && type.names.plural === 'pods' && subresource === 'status') return;
    const [now, before] = [referencesOf(object), referencesOf(old)];
    if (now.length === before.length && now.every((one, at) => deepEqual(one, before[at] ?? null))) return;
    return this.#check(attributes, now, before);
  }

  async #check(
    attributes: AdmissionAttributes,
    now: readonly OwnerReference[],
    before: readonly OwnerReference[],
  ): Promise<void> {
    const { type, namespace, subresource, name } = attributes;
    const own = { group: type.gvk.group, version: type.gvk.version, resource: type.names.plural };
    // What is created without a name may still be given one that only some may delete.
    const refusal = await this.#refusal(attributes, { verb: 'delete', ...own, subresource, namespace, name });
    if (refusal !== undefined) {
      throw admissionForbidden(attributes, `cannot set an ownerRef on a resource you can't delete: ${refusal}, <nil>`);
    }
    const blocking = now.filter(
      (one) => one.blockOwnerDeletion === true && !before.some((old) => blocks(old, one.uid)),
    );
    if (blocking.length === 0) return;
    const everything = { group: '*', version: '*', resource: '*', subresource: 'finalizers', namespace: '', name: '*' };
    if ((await this.#refusal(attributes, { verb: 'update', ...everything })) === undefined) return;
    for (const reference of blocking) await this.#checkOwner(attributes, reference);
  }

  async #checkOwner(attributes: AdmissionAttributes, { apiVersion, kind, name }: OwnerReference): Promise<void> {
    const owner = this.#typeOf(attributes, apiVersion, kind);
    if (owner === undefined) {
      const what = `APIVersion ${apiVersion} Kind ${kind}`;
      const why = `cannot set blockOwnerDeletion in this case because cannot find RESTMapping for ${what}`;
      throw admissionForbidden(attributes, why);
    }
    const { group, version } = owner.gvk;
    const target = { group, version, resource: owner.names.plural, subresource: 'finalizers', name };
    const namespace = owner.namespaced ? attributes.namespace : '';
    const refusal = await this.#refusal(attributes, { verb: 'update', ...target, namespace });
    if (refusal === undefined) return;
    const why = "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on";
    throw admissionForbidden(attributes, `${why}: ${refusal}, <nil>`);
  }

  #typeOf({ cluster }: AdmissionAttributes, apiVersion: string, kind: string): ResourceType | undefined {
    const { group, version } = parseApiVersion(apiVersion) ?? {};
    return this.#catalog()
      .all(cluster)
      .find(({ gvk }) => gvk.group === group && gvk.version === version && gvk.kind === kind);
  }

  /** The authorizer's reason; undefined when it allows it. */
  async #refusal({ user, cluster: scope }: AdmissionAttributes, asked: Asked): Promise<string | undefined> {
    const { decision, reason } = await this.#authorizer.authorize({ kind: 'resource', user, scope, ...asked });
    return decision === 'allow' ? undefined : reason;
  }
}

type Asked = Omit<Extract<AuthorizationAttributes, { readonly kind: 'resource' }>, 'kind' | 'user' | 'scope'>;

function referencesOf(object: KubeObject | undefined): readonly OwnerReference[] {
  return object?.metadata.ownerReferences ?? NO_REFERENCES;
}

function blocks({ uid, blockOwnerDeletion }: OwnerReference, wanted: string): boolean {
  return uid === wanted && blockOwnerDeletion === true;
}
