import { hasReason } from '@kcp/apimachinery/errors/status-error';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import type { Client } from '@kcp/client/rest/client';
import type { ObjectName } from '@kcp/client/rest/options';

const PATIENCE_MS = 5_000;

/**
 * Watches an object until it is as a test wants it, or gone (`undefined`). Resolves with what `wanted` took and how
 * many milliseconds it lasted. Rejects after `patienceMs` with the last state.
 */
export async function awaitObject(
  client: Client,
  resource: GroupVersionResource,
  { namespace, name }: ObjectName,
  wanted: (object: KubeObject | undefined) => boolean,
  patienceMs = PATIENCE_MS,
): Promise<{ readonly object: KubeObject | undefined; readonly ms: number }> {
  const began = performance.now();
  let object = await read(client, resource, { namespace, name });
  const signal = AbortSignal.timeout(patienceMs);
  const fieldSelector = `metadata.name=${name}`;
  if (!wanted(object)) {
    const from =
      object?.metadata.resourceVersion === undefined ? {} : { resourceVersion: object.metadata.resourceVersion };
    for await (const event of client.watch(resource, { namespace, fieldSelector, signal, ...from })) {
      if (event.type === 'BOOKMARK') continue;
      object = event.type === 'DELETED' ? undefined : event.object;
      if (wanted(object)) break;
    }
  }
  if (!wanted(object)) throw new Error(`not as wanted after ${patienceMs} ms: ${JSON.stringify(object)}`);
  return { object, ms: performance.now() - began };
}

export function isGone(object: KubeObject | undefined): boolean {
  return object === undefined;
}

async function read(client: Client, resource: GroupVersionResource, name: ObjectName): Promise<KubeObject | undefined> {
  try {
    return await client.get(resource, name);
  } catch (error) {
    if (hasReason(error, 'NotFound')) return undefined;
    throw error;
  }
}
