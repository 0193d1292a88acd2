import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import type { Client } from '@kcp/client/rest/client';
import type { ObjectName } from '@kcp/client/rest/options';

/** Where and by whom finalizers are written. */
export interface FinalizerWrite {
  readonly client: Client;
  readonly resource: GroupVersionResource;
  readonly finalizer: string;
  readonly fieldManager: string;
  readonly signal: AbortSignal;
}

export function isHeld({ metadata }: KubeObject, finalizer: string): boolean {
  return metadata.finalizers?.includes(finalizer) ?? false;
}

/** Adds the finalizer to an object as it was read; rejects with Conflict when it has changed since. */
export function hold(object: KubeObject, write: FinalizerWrite): Promise<KubeObject> {
  return writeFinalizers(object, [...(object.metadata.finalizers ?? []), write.finalizer], write);
}

/** Takes the finalizer off an object as it was read; rejects with Conflict when it has changed since. */
export function letGo(object: KubeObject, write: FinalizerWrite): Promise<KubeObject> {
  const left = (object.metadata.finalizers ?? []).filter((one) => one !== write.finalizer);
  return writeFinalizers(object, left, write);
}

function writeFinalizers(
  { metadata }: KubeObject,
  finalizers: readonly string[],
  { client, resource, fieldManager, signal }: FinalizerWrite,
): Promise<KubeObject> {
  const { resourceVersion = '', uid = '' } = metadata;
  const value = { metadata: { finalizers: finalizers.length === 0 ? null : [...finalizers], resourceVersion, uid } };
  return client.patch(resource, nameOf(metadata), { type: 'merge', value }, { fieldManager, signal });
}

export function nameOf({ namespace, name = '' }: KubeObject['metadata']): ObjectName {
  return { namespace, name };
}
