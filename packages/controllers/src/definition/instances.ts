import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { GroupResource, GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import { readBoolean, readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import type { Client } from '@kcp/client/rest/client';
import type { ObjectList } from '@kcp/client/rest/options';
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
  const list = (): Promise<ObjectList> => client.list(resource, { metadataOnly: true, signal });
  let before: ObjectList;
  try {
    before = await list();
  } catch (error) {
    return failed(signal, error, 'could not list instances');
  }
  if (before.items.length === 0) return { kind: 'none' };
  try {
    const namespaces = new Set(before.items.map(({ metadata }) => metadata.namespace ?? ''));
    await inTurn([...namespaces], TYPES_AT_ONCE, (namespace) =>
      client.deleteCollection(resource, { namespace, signal }),
    );
  } catch (error) {
    return failed(signal, error, 'could not issue all deletes');
  }
  try {
    const after = await list();
    if (after.items.length === 0) return { kind: 'none' };
    return { kind: 'remaining', resource, resourceVersion: after.resourceVersion };
  } catch (error) {
    return failed(signal, error, 'could not confirm zero CustomResources remaining');
  }
}

/** The stored version is served while a definition goes away, whatever it says itself. */
function versionOf(definition: KubeObject): string {
  const versions = readObjects(readObject(definition, 'spec') ?? {}, 'versions');
  const version = versions.find((one) => readBoolean(one, 'storage')) ?? versions[0] ?? {};
  return readString(version, 'name');
}

function failed(signal: AbortSignal, error: unknown, what: string): Deletion {
  signal.throwIfAborted();
  return { kind: 'failed', message: `${what}: ${error instanceof Error ? error.message : String(error)}`, error };
}
