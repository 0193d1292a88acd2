import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { StoreKey } from '@kcp/storage/key';
import { objectKey } from '@kcp/storage/key';
import type { Revision } from '@kcp/storage/store';
import type { AdmissionAttributes, AdmissionOperation } from '../admission/admission.js';
import { Reinvocation } from '../admission/reinvocation.js';
import type { UserInfo } from '../authn/user.js';
import type { ResourceType } from './resource-type.js';
import type { Strategy, StrategyContext } from './strategy.js';

/** One write request, after everything about it has been parsed and checked. */
export interface WriteScope {
  readonly cluster: ClusterName;
  readonly type: ResourceType;
  /** The strategy of the endpoint: the type's own or that of a subresource. */
  readonly strategy: Strategy;
  readonly subresource: string;
  readonly namespace: string;
  /** Empty for a creation. */
  readonly name: string;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  readonly fieldManager: string;
  /** The members of the request's CreateOptions, UpdateOptions or DeleteOptions, as far as it states them. */
  readonly options: JsonObject;
  /** The object is one of a collection that is being deleted, so that admission is told no name. */
  readonly ofCollection?: boolean;
  /** For its signal, which is made only when a write has to be tried again. */
  readonly request: { readonly signal: AbortSignal };
  warn(text: string): void;
  /** Adds to the audit event of the request, where there is one. */
  annotate?(key: string, value: string): void;
}

/** What a write left behind. */
export interface WriteResult {
  /** The object in the storage version, without resourceVersion. */
  readonly object: KubeObject;
  /** The final bytes in the storage version, with resourceVersion (a dry-run creation has none). */
  readonly bytes: Buffer;
  readonly revision: Revision | undefined;
  readonly outcome: 'created' | 'updated' | 'unchanged' | 'deleted';
}

export function storeKeyOf(scope: WriteScope, name: string): StoreKey {
  const namespace = scope.type.namespaced ? scope.namespace : '';
  return objectKey(scope.type.storage, { cluster: scope.cluster, namespace, name });
}

export function strategyContext(scope: WriteScope, now: number): StrategyContext {
  return { cluster: scope.cluster, user: scope.user, now, warn: (text) => scope.warn(text) };
}

export function admissionAttributes(
  scope: WriteScope,
  operation: AdmissionOperation,
  object: KubeObject | undefined,
  old: KubeObject | undefined,
): AdmissionAttributes {
  const { cluster, type, subresource, user, dryRun, request } = scope;
  const name = nameForAdmission(scope, object);
  return {
    operation,
    cluster,
    type,
    subresource,
    namespace: isNamespaceType(type) ? name : scope.namespace,
    name,
    object,
    old,
    options: { kind: OPTIONS_KINDS[operation], apiVersion: 'meta.k8s.io/v1', ...scope.options },
    user,
    dryRun,
    request,
    reinvocation: new Reinvocation(),
    warn: (text) => scope.warn(text),
    annotate: (key, value) => scope.annotate?.(key, value),
  };
}

const OPTIONS_KINDS: Readonly<Record<AdmissionOperation, string>> = {
  CREATE: 'CreateOptions',
  UPDATE: 'UpdateOptions',
  DELETE: 'DeleteOptions',
  CONNECT: 'ConnectOptions',
};

function nameForAdmission({ name, ofCollection }: WriteScope, object: KubeObject | undefined): string {
  if (ofCollection) return '';
  return name !== '' ? name : (object?.metadata.name ?? '');
}

function isNamespaceType({ gvk, names }: ResourceType): boolean {
  return gvk.group === '' && names.plural === 'namespaces';
}

const GROUPS_IN_KEYS = ['apiextensions.k8s.io', 'apiregistration.k8s.io'];

/** Where upstream keeps the object, which some of its texts tell. */
export function upstreamKey({ type, namespace, name }: WriteScope): string {
  const { group, resource, custom } = type.storage;
  const parts = [
    custom || GROUPS_IN_KEYS.includes(group) ? group : '',
    resource,
    type.namespaced ? namespace : '',
    name,
  ];
  return `/registry/${parts.filter((part) => part !== '').join('/')}`;
}

/** group and resource as error texts name them. */
export function resourceName(type: ResourceType): { group: string; resource: string } {
  return { group: type.gvk.group, resource: type.names.plural };
}
