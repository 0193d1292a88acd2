import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { ObjectKey } from '@kcp/client/informer/object-key';
import type { Client } from '@kcp/client/rest/client';
import { unlessGone } from '../../controller/unless-gone.js';
import { ObjectFault } from '../object-fault.js';
import { leafName, leafObject } from './leaf-object.js';
import { DEPLOYMENTS } from './split-feeds.js';

const FIELD_MANAGER = 'kcp-deployment-splitter';

/** What the splitter writes. Every method rejects as the client does. */
export class SplitRequests {
  readonly #client: Client;

  /** `client` is of all logical clusters. */
  constructor(client: Client) {
    this.#client = client;
  }

  /** The root as it is now; undefined when it is gone. */
  root({ cluster, ...name }: ObjectKey, signal: AbortSignal): Promise<KubeObject | undefined> {
    return unlessGone(this.#client.in(cluster).get(DEPLOYMENTS, name, { signal }));
  }

  /** Makes a leaf what it should be. */
  applyLeaf(
    { cluster }: ObjectKey,
    root: KubeObject,
    location: string,
    replicas: number,
    signal: AbortSignal,
  ): Promise<KubeObject> {
    const leaf = leafObject(root, location, replicas);
    const options = { fieldManager: FIELD_MANAGER, force: true, signal };
    return this.#client.in(cluster).apply(DEPLOYMENTS, leaf, options);
  }

  /** Rejects with ObjectFault when a leaf's name is another Deployment's. */
  async mustBeFree(
    { cluster, namespace }: ObjectKey,
    root: KubeObject,
    location: string,
    signal: AbortSignal,
  ): Promise<void> {
    const name = leafName(root.metadata.name ?? '', location);
    const there = await unlessGone(
      this.#client.in(cluster).get(DEPLOYMENTS, { namespace, name }, { metadataOnly: true, signal }),
    );
    if (there === undefined) return;
    const { ownerReferences = [] } = there.metadata;
    if (ownerReferences.some(({ uid }) => uid === root.metadata.uid)) return;
    throw new ObjectFault('NameTaken', `${name} is there already and is no part of this one`);
  }

  async deleteLeaf({ cluster, ...name }: ObjectKey, uid: string, signal: AbortSignal): Promise<void> {
    const options = { preconditions: { uid }, propagationPolicy: 'Background', signal } as const;
    await unlessGone(this.#client.in(cluster).delete(DEPLOYMENTS, name, options));
  }

  writeStatus(
    { cluster, ...name }: ObjectKey,
    uid: string,
    status: JsonObject,
    signal: AbortSignal,
  ): Promise<KubeObject | undefined> {
    const operations = [
      { op: 'test', path: '/metadata/uid', value: uid },
      { op: 'add', path: '/status', value: status },
    ];
    const options = { subresource: 'status', fieldManager: FIELD_MANAGER, signal };
    return unlessGone(this.#client.in(cluster).patch(DEPLOYMENTS, name, { type: 'json', operations }, options));
  }
}
