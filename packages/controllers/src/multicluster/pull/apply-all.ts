import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import type { Client } from '@kcp/client/rest/client';

const FIELD_MANAGER = 'kcp-cluster-controller';

/** Brings objects into being, or to what they should be, one after the other. */
export async function applyAll(
  client: Client,
  objects: readonly (readonly [GroupVersionResource, KubeObject])[],
  signal: AbortSignal,
): Promise<void> {
  for (const [resource, object] of objects) {
    await client.apply(resource, object, { fieldManager: FIELD_MANAGER, force: true, signal });
  }
}
