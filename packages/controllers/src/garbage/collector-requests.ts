import { hasReason, type StatusError } from '@kcp/apimachinery/errors/status-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject, OwnerReference } from '@kcp/apimachinery/meta/object';
import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import type { Client } from '@kcp/client/rest/client';
import type { DeleteOptions } from '@kcp/client/rest/options';
import { unlessGone } from '../controller/unless-gone.js';
import { ORPHAN_ATTEMPTS_MAX } from '../limits.js';
import type { FedType } from '../types/object-feed.js';
import type { ServedTypes } from '../types/served-types.js';
import type { Item, Owner } from './graph-node.js';

/**
 * What the collector asks of the server. Every write says which state of the object was judged: whoever changed it in
 * between makes the write fail with Conflict, and the object is judged anew.
 */
export class CollectorRequests {
  readonly #client: Client;
  readonly #types: ServedTypes;

  constructor(client: Client, types: ServedTypes) {
    this.#client = client;
    this.#types = types;
  }

  /** Whether exactly that owner is there. `unserved`: nobody can tell, as his type is no longer served. */
  async lookFor(owner: Owner, signal: AbortSignal): Promise<'present' | 'absent' | 'unserved'> {
    const resource = owner.type && this.#served(owner.cluster, owner.type);
    if (resource === undefined) return 'unserved';
    const { namespace, name } = owner;
    try {
      const options = { metadataOnly: true, signal };
      const found = await this.#client.in(owner.cluster).get(resource, { namespace, name }, options);
      return found.metadata.uid === owner.uid ? 'present' : 'absent';
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
      return namesObject(error, name) ? 'absent' : 'unserved';
    }
  }

  async delete(item: Item, propagationPolicy: DeleteOptions['propagationPolicy'], signal: AbortSignal): Promise<void> {
    const { namespace, name, uid, resourceVersion } = item;
    const resource = this.#served(item.cluster, item.type);
    if (resource === undefined || propagationPolicy === undefined) return;
    const options = { propagationPolicy, preconditions: { uid, resourceVersion }, signal };
    await unlessGone(this.#client.in(item.cluster).delete(resource, { namespace, name }, options));
  }

  /** Replaces members of the metadata. */
  async patch(item: Item, members: Members, signal: AbortSignal): Promise<void> {
    await this.#patch(item, item.resourceVersion, members, signal);
  }

  /** Takes one owner's name off a dependent, whatever else happens to that. */
  async orphan(item: Item, ownerUid: string, signal: AbortSignal): Promise<void> {
    let { references, resourceVersion } = item;
    for (let attempt = 1; ; attempt++) {
      const ownerReferences = references.filter(({ uid }) => uid !== ownerUid);
      if (ownerReferences.length === references.length) return;
      try {
        return await this.#patch(item, resourceVersion, { ownerReferences }, signal);
      } catch (error) {
        if (!hasReason(error, 'Conflict') || attempt >= ORPHAN_ATTEMPTS_MAX) throw error;
      }
      const now = await this.#read(item, signal);
      if (now?.metadata.uid !== item.uid) return;
      references = now.metadata.ownerReferences ?? [];
      resourceVersion = now.metadata.resourceVersion ?? '';
    }
  }

  async #read({ cluster, type, namespace, name }: Item, signal: AbortSignal): Promise<KubeObject | undefined> {
    const resource = this.#served(cluster, type);
    if (resource === undefined) return undefined;
    return unlessGone(this.#client.in(cluster).get(resource, { namespace, name }, { metadataOnly: true, signal }));
  }

  async #patch(item: Item, resourceVersion: string, members: Members, signal: AbortSignal): Promise<void> {
    const { cluster, type, namespace, name, uid } = item;
    const resource = this.#served(cluster, type);
    if (resource === undefined) return;
    const value: JsonObject = { metadata: { uid, resourceVersion, ...metadataOf(members) } };
    await unlessGone(
      this.#client.in(cluster).patch(resource, { namespace, name }, { type: 'merge', value }, { signal }),
    );
  }

  #served(cluster: Item['cluster'], { group, resource }: FedType): GroupVersionResource | undefined {
    const [version] = this.#types.ofResource(cluster, group, resource)?.versions ?? [];
    return version === undefined ? undefined : { group, version, resource };
  }
}

/** Members of the metadata that the collector changes. */
interface Members {
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
}

/** An empty list is taken away in a merge patch. */
function metadataOf({ ownerReferences, finalizers }: Members): JsonObject {
  return {
    ...(ownerReferences === undefined
      ? {}
      : { ownerReferences: ownerReferences.length === 0 ? null : [...ownerReferences] }),
    ...(finalizers === undefined ? {} : { finalizers: finalizers.length === 0 ? null : [...finalizers] }),
  };
}

/** A 404 about the object itself, not about a type that the server does not know (any more). */
function namesObject(error: StatusError, name: string): boolean {
  return error.status.details?.name === name;
}
