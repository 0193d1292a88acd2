import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject, OwnerReference } from '@kcp/apimachinery/meta/object';
import type { FedType } from '../types/object-feed.js';
import { typeName } from '../types/served-type.js';

export const ORPHAN_FINALIZER = 'orphan';
export const FOREGROUND_FINALIZER = 'foregroundDeletion';

/** An object that has owners, or whose deletion concerns its dependents. No other object is remembered. */
export interface Item {
  readonly id: string;
  readonly cluster: ClusterName;
  readonly type: FedType;
  /** Empty for objects of cluster scope. */
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly deleting: boolean;
  readonly finalizers: readonly string[];
  readonly references: readonly OwnerReference[];
  /** Whom each of the references means. */
  readonly owners: readonly Owner[];
}

/**
 * Somebody that others name as their owner, at exactly the place where they say he is: whoever names him elsewhere means
 * another, who is not there. It is forgotten with his last dependent.
 */
export interface Owner {
  readonly id: string;
  readonly cluster: ClusterName;
  /** Undefined for a kind that is not served. */
  readonly type: FedType | undefined;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** `invalid`: nobody of cluster scope can be owned from within a namespace; such references hold and mean nothing. */
  state: 'unknown' | 'present' | 'absent' | 'unserved' | 'invalid';
  readonly dependents: Set<Item>;
}

const NO_REFERENCES: readonly OwnerReference[] = [];
const NO_FINALIZERS: readonly string[] = [];

/** What is to be remembered of an object, if anything; its owners are found by `ownerOf`. */
export function itemOf(
  type: FedType,
  cluster: ClusterName,
  { metadata }: KubeObject,
  ownerOf: (reference: OwnerReference, namespace: string) => Owner,
): Item | undefined {
  const { namespace = '', name = '', uid = '', resourceVersion = '' } = metadata;
  const { ownerReferences: references = NO_REFERENCES, finalizers = NO_FINALIZERS } = metadata;
  const deleting = metadata.deletionTimestamp !== undefined;
  const concerned = deleting && (finalizers.includes(ORPHAN_FINALIZER) || finalizers.includes(FOREGROUND_FINALIZER));
  if (references.length === 0 && !concerned) return undefined;
  const owners = references.map((reference) => ownerOf(reference, namespace));
  const id = itemId(cluster, type, namespace, name);
  return { id, cluster, type, namespace, name, uid, resourceVersion, deleting, finalizers, references, owners };
}

export function itemId(cluster: ClusterName, type: FedType, namespace: string, name: string): string {
  return `${cluster}/${typeName(type)}/${namespace}/${name}`;
}

/** It is going away and takes its dependents with it first. */
export function takesDependents(item: Item | undefined): boolean {
  return item?.deleting === true && item.finalizers.includes(FOREGROUND_FINALIZER);
}

/** It is going away and leaves its dependents behind. */
export function leavesDependents(item: Item | undefined): boolean {
  return item?.deleting === true && item.finalizers.includes(ORPHAN_FINALIZER);
}

/** Whether a dependent holds up the deletion of an owner who takes his dependents with him. */
export function blocks(item: Item, owner: Owner): boolean {
  return item.owners.some((one, at) => one === owner && item.references[at]?.blockOwnerDeletion === true);
}
