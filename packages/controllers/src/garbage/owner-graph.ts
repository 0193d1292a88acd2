import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject, OwnerReference } from '@kcp/apimachinery/meta/object';
import { parseApiVersion } from '@kcp/apimachinery/meta/resource';
import type { FedType, ObjectListener } from '../types/object-feed.js';
import { type ServedType, typeName } from '../types/served-type.js';
import type { TypeChange } from '../types/served-types.js';
import { blocks, type Item, itemId, itemOf, leavesDependents, type Owner, takesDependents } from './graph-node.js';

/** Whoever has to act on what the graph shows. */
export interface GraphListener {
  /** It has to be judged whether the item may stay. */
  judge(item: Item): void;
  /** It has to be found out whether the owner is there. */
  seek(owner: Owner): void;
  /** The dependents of the item are to be left behind. */
  orphan(item: Item): void;
  /** A reference of the item names somebody who cannot be where the item looks for him. */
  invalid(item: Item, reference: OwnerReference): void;
}

/** The type of a kind in a logical cluster. */
export type KindLookup = (cluster: ClusterName, group: string, version: string, kind: string) => ServedType | undefined;

/**
 * Who owns whom, over all logical clusters; every edge stays within one. It remembers those that are owned, whom they
 * name, and those whose deletion concerns others: a server full of objects without owners costs nothing here.
 */
export class OwnerGraph implements ObjectListener {
  readonly #kinds: KindLookup;
  readonly #listener: GraphListener;
  readonly #items = new Map<string, Item>();
  readonly #owners = new Map<string, Owner>();

  constructor(kinds: KindLookup, listener: GraphListener) {
    this.#kinds = kinds;
    this.#listener = listener;
  }

  item(id: string): Item | undefined {
    return this.#items.get(id);
  }

  owner(id: string): Owner | undefined {
    return this.#owners.get(id);
  }

  /** The owner as an object, if that is one that is remembered. */
  itemOfOwner({ cluster, type, namespace, name, uid }: Owner): Item | undefined {
    const item = type && this.#items.get(itemId(cluster, type, namespace, name));
    return item?.uid === uid ? item : undefined;
  }

  /** Those who name an item as their owner. */
  dependentsOf(item: Item): ReadonlySet<Item> {
    return this.#asOwner(item)?.dependents ?? new Set();
  }

  /** Those who hold up the deletion of an item. */
  blockersOf(item: Item): readonly Item[] {
    const owner = this.#asOwner(item);
    return owner === undefined ? [] : [...owner.dependents].filter((dependent) => blocks(dependent, owner));
  }

  seen(type: FedType, cluster: ClusterName, object: KubeObject): void {
    const { namespace = '', name = '', uid = '', resourceVersion = '' } = object.metadata;
    let before = this.#items.get(itemId(cluster, type, namespace, name));
    if (before !== undefined && before.uid !== uid) {
      this.#lost(before);
      before = undefined;
    }
    if (before !== undefined && Number(resourceVersion) < Number(before.resourceVersion)) return;
    const after = itemOf(type, cluster, object, (reference, within) => this.#ownerOf(cluster, reference, within));
    if (before === undefined && after === undefined) return;
    this.#replace(before, after);
    if (after !== undefined) this.#announce(before, after);
  }

  gone(type: FedType, cluster: ClusterName, object: KubeObject): void {
    const { namespace = '', name = '', uid = '' } = object.metadata;
    const item = this.#items.get(itemId(cluster, type, namespace, name));
    if (item?.uid === uid) this.#replace(item, undefined);
    const owner = this.#owners.get(ownerId(cluster, typeName(type), namespace, name, uid));
    if (owner !== undefined) this.missing(owner);
  }

  reloaded(type: FedType, uids: ReadonlySet<string> | undefined): void {
    const name = typeName(type);
    if (uids !== undefined) {
      for (const item of [...this.#items.values()]) {
        if (typeName(item.type) === name && !uids.has(item.uid)) this.#lost(item);
      }
    }
    for (const owner of this.#owners.values()) {
      const doubtful = owner.state === 'present' && owner.type !== undefined && typeName(owner.type) === name;
      if (!doubtful || uids?.has(owner.uid)) continue;
      owner.state = 'unknown';
      this.#listener.seek(owner);
    }
  }

  /** A custom type that leaves takes its objects with it; one that comes may be what owners were named by. */
  typeChanged({ cluster, before, after }: TypeChange): void {
    for (const owner of [...this.#owners.values()]) {
      if (owner.cluster !== cluster) continue;
      if (owner.state === 'unserved' && after !== undefined) this.#lookAgain(owner);
      else if (after === undefined && before !== undefined && owner.type && typeName(owner.type) === typeName(before)) {
        this.missing(owner);
      }
    }
  }

  /** The owner was seen. */
  found(owner: Owner): void {
    if (owner.state === 'unknown') owner.state = 'present';
  }

  /** The owner is not there and never will be again. */
  missing(owner: Owner): void {
    owner.state = 'absent';
    for (const dependent of owner.dependents) this.#listener.judge(dependent);
  }

  #asOwner({ cluster, type, namespace, name, uid }: Item): Owner | undefined {
    return this.#owners.get(ownerId(cluster, typeName(type), namespace, name, uid));
  }

  /** An item went without our seeing it go. */
  #lost(item: Item): void {
    const owner = this.#asOwner(item);
    this.#replace(item, undefined);
    if (owner !== undefined) this.missing(owner);
  }

  #replace(before: Item | undefined, after: Item | undefined): void {
    for (const owner of before?.owners ?? []) {
      if (before !== undefined) owner.dependents.delete(before);
    }
    if (after !== undefined) {
      this.#items.set(after.id, after);
      for (const owner of after.owners) owner.dependents.add(after);
    } else if (before !== undefined) this.#items.delete(before.id);
    for (const owner of before?.owners ?? []) this.#released(owner, before, after);
  }

  /** Somebody who takes his dependents with him may go when one of them no longer holds him. */
  #released(owner: Owner, before: Item | undefined, after: Item | undefined): void {
    if (owner.dependents.size === 0 && this.#owners.get(owner.id) === owner) this.#owners.delete(owner.id);
    const held = before !== undefined && blocks(before, owner);
    const holds = after !== undefined && blocks(after, owner);
    if (!held || holds) return;
    const item = this.itemOfOwner(owner);
    if (item !== undefined && takesDependents(item)) this.#listener.judge(item);
  }

  #announce(before: Item | undefined, after: Item): void {
    if (leavesDependents(after) && !leavesDependents(before)) this.#listener.orphan(after);
    if (takesDependents(after) && !takesDependents(before)) {
      for (const dependent of this.dependentsOf(after)) this.#listener.judge(dependent);
      this.#listener.judge(after);
    }
    for (const [at, owner] of after.owners.entries()) {
      const reference = after.references[at];
      if (reference === undefined || before?.owners.includes(owner)) continue;
      this.#announceOwner(after, owner, reference);
    }
  }

  #announceOwner(item: Item, owner: Owner, reference: OwnerReference): void {
    if (owner.state === 'unknown') this.#listener.seek(owner);
    else if (owner.state === 'absent') this.#listener.judge(item);
    else if (owner.state === 'invalid') this.#listener.invalid(item, reference);
    else if (takesDependents(this.itemOfOwner(owner))) this.#listener.judge(item);
  }

  #ownerOf(cluster: ClusterName, reference: OwnerReference, within: string): Owner {
    const { group = '', version = '' } = parseApiVersion(reference.apiVersion) ?? {};
    const type = this.#kinds(cluster, group, version, reference.kind);
    const namespace = type === undefined || type.namespaced ? within : '';
    const name = type === undefined ? `?${reference.apiVersion}/${reference.kind}` : typeName(type);
    const id = ownerId(cluster, name, namespace, reference.name, reference.uid);
    const known = this.#owners.get(id);
    if (known !== undefined) return known;
    const state = type === undefined ? 'unserved' : type.namespaced && within === '' ? 'invalid' : 'unknown';
    const { name: called, uid } = reference;
    const owner: Owner = { id, cluster, type, namespace, name: called, uid, state, dependents: new Set() };
    this.#owners.set(id, owner);
    return owner;
  }

  /** Finds the owners of those who named a kind that was not served. */
  #lookAgain(owner: Owner): void {
    for (const item of [...owner.dependents]) {
      const owners = item.references.map((reference) => this.#ownerOf(item.cluster, reference, item.namespace));
      const again = { ...item, owners };
      this.#replace(item, again);
      this.#announce(item, again);
    }
  }
}

function ownerId(cluster: ClusterName, type: string, namespace: string, name: string, uid: string): string {
  return `${cluster}/${type}/${namespace}/${name}/${uid}`;
}
