import { deepEqual, type JsonObject } from '@kcp/apimachinery/json/value';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import type { Environment } from '@kcp/controllers/controller/environment';
import { unlessGone } from '@kcp/controllers/controller/unless-gone';
import type { ObjectInformer } from './object-informer.js';

export interface StatusWrite {
  readonly environment: Environment;
  readonly resource: GroupVersionResource;
  readonly informer: ObjectInformer;
  readonly cluster: ClusterName;
  readonly object: KubeObject;
  readonly status: JsonObject;
  readonly signal: AbortSignal;
}

/** Writes a status that differs from what is there; rejects with Conflict when somebody was faster. */
export async function writeStatus(write: StatusWrite): Promise<void> {
  const { environment, resource, informer, cluster, object, status, signal } = write;
  if (deepEqual(object.status ?? {}, status)) return;
  const client = environment.client.in(cluster);
  const written = await unlessGone(client.update(resource, { ...object, status }, { subresource: 'status', signal }));
  if (written !== undefined) informer.observe(cluster, written);
}
