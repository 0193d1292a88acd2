import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import type { Client } from '@kcp/client/rest/client';
import { inTurn } from '../../controller/in-turn.js';
import { unlessGone } from '../../controller/unless-gone.js';
import { CLUSTER_LABEL, syncerFinalizer } from '../sync-names.js';
import { isHeld, letGo } from './finalizers.js';
import { RELEASES_AT_ONCE } from './limits.js';

/** The metadata of objects that a location's syncer holds: all of them, or those that are assigned elsewhere. */
export async function* heldObjects(
  client: Client,
  resource: GroupVersionResource,
  location: string,
  which: 'all' | 'strays',
  signal: AbortSignal,
): AsyncGenerator<KubeObject, void, void> {
  const finalizer = syncerFinalizer(location);
  const selector = which === 'strays' ? { labelSelector: `${CLUSTER_LABEL}!=${location}` } : {};
  for await (const page of client.pages(resource, { ...selector, metadataOnly: true, signal })) {
    for (const object of page.items) if (isHeld(object, finalizer)) yield object;
  }
}

/**
 * Lets go of everything that a location's syncer holds in a logical cluster, and leaves what is in the physical cluster
 * as it is: for a Cluster that is removed. The syncer must not run any more. Idempotent; rejects as the client does.
 */
export async function releaseObjects(
  client: Client,
  resources: readonly GroupVersionResource[],
  location: string,
  signal: AbortSignal,
): Promise<void> {
  const finalizer = syncerFinalizer(location);
  for (const resource of resources) {
    const held: KubeObject[] = [];
    for await (const object of heldObjects(client, resource, location, 'all', signal)) held.push(object);
    await inTurn(held, RELEASES_AT_ONCE, (object) =>
      unlessGone(letGo(object, { client, resource, finalizer, fieldManager: 'kcp-syncer', signal })),
    );
  }
}
