import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { GroupResource, GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import { readBoolean, readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import type { Client } from '@kcp/client/rest/client';
import { inTurn } from '../controller/in-turn.js';
import { TYPES_AT_ONCE } from '../limits.js';

/** The objects of a definition that is going away. */
export type Deletion =
  | { readonly kind: 'none' }
  | { readonly kind: 'remaining'; readonly resource: GroupVersionResource; readonly resourceVersion: string }
  /** `message` is what the condition says. */
  | { readonly kind: 'failed'; readonly message: string; readonly error: unknown };

/** The resource that a definition serves under its accepted names. */
export function groupResourceOf(definition: KubeObject): GroupResource {
  const names = readObject(readObject(definition, 'status') ?? {}, 'acceptedNames') ?? {};
  const group = readString(readObject(definition, 'spec') ?? {}, 'group');
  return { group, resource: readString(names, 'plural') };
}

/** Deletes all objects of a definition, namespace by namespace as upstream does, and tells what is left. */
export async function deleteInstances(client: Client, definition: KubeObject, signal: AbortSignal): Promise<Deletion> {
  const resource = { ...groupResourceOf(definition), version: versionOf(definition) };
  let step = 'could not list instances';
  try {
    const namespaces = await namespacesOf(client, resource, signal);
    step = 'could not issue all deletes';
    await inTurn(namespaces, TYPES_AT_ONCE, (namespace) => client.deleteCollection(resource, { namespace, signal }));
    step = 'could not confirm zero CustomResources remaining';
    const { items, resourceVersion } = await client.list(resource, { metadataOnly: true, limit: 1, signal });
    return items.length === 0 ? { kind: 'none' } : { kind: 'remaining', resource, resourceVersion };
  } catch (error) {
    signal.throwIfAborted();
    return { kind: 'failed', message: `${step}: ${error instanceof Error ? error.message : String(error)}`, error };
  }
}

/** The namespaces that hold objects; the empty one for objects of cluster scope. */
async function namespacesOf(client: Client, resource: GroupVersionResource, signal: AbortSignal): Promise<string[]> {
  const found = new Set<string>();
  for await (const { items } of client.pages(resource, { metadataOnly: true, signal })) {
    for (const { metadata } of items) found.add(metadata.namespace ?? '');
  }
  return [...found];
}

/** The stored version is served while a definition goes away, whatever it says itself. */
function versionOf(definition: KubeObject): string {
  const versions = readObjects(readObject(definition, 'spec') ?? {}, 'versions');
  const version = versions.find((one) => readBoolean(one, 'storage')) ?? versions[0] ?? {};
  return readString(version, 'name');
}
