import { createHash } from 'node:crypto';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { GroupVersionKind } from '@kcp/apimachinery/meta/resource';
import { formatTime } from '../../clock.js';
import type { CatalogChange, ResourceCatalog } from '../../registry/catalog.js';
import type { ResourceType, ViewSource } from '../../registry/resource-type.js';
import { builtinType } from '../builtin-type.js';
import { CUSTOM_PRIORITY, priorityOf } from './priorities.js';

const GROUP = 'apiregistration.k8s.io';
const AUTOMANAGED = 'kube-aggregator.kubernetes.io/automanaged';

/**
 * APIServices, one for each group version that a cluster serves, read-only: nothing is served by others. `since` (in
 * milliseconds since 1970) is when the server began to serve.
 */
export function apiServices(catalog: () => ResourceCatalog, since: number): ResourceType {
  return builtinType({
    gvk: { group: GROUP, version: 'v1', kind: 'APIService' },
    plural: 'apiservices',
    categories: ['api-extensions'],
    namespaced: false,
    verbs: ['get', 'list', 'watch'],
    backing: { kind: 'view', source: new ApiServiceView(catalog, formatTime(since)) },
  });
}

class ApiServiceView implements ViewSource {
  readonly #catalog: () => ResourceCatalog;
  readonly #since: string;

  constructor(catalog: () => ResourceCatalog, since: string) {
    this.#catalog = catalog;
    this.#since = since;
  }

  list(cluster: ClusterName): readonly KubeObject[] {
    const served = new Map<string, ResourceType>();
    for (const type of this.#catalog().all(cluster)) {
      const name = nameOf(type.gvk);
      // The group of APIServices has none itself; a group version that is partly built in is built in.
      if (type.gvk.group !== GROUP && served.get(name)?.origin !== 'builtin') served.set(name, type);
    }
    return [...served.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, type]) => this.#service(cluster, name, type));
  }

  onChange(cluster: ClusterName, listener: (what: CatalogChange) => void): () => void {
    return this.#catalog().onChange(cluster, listener);
  }

  #service(cluster: ClusterName, name: string, { gvk, origin }: ResourceType): KubeObject {
    const { group, version } = gvk;
    const custom = origin === 'custom';
    const priority = custom ? CUSTOM_PRIORITY : priorityOf(group, version);
    return {
      kind: 'APIService',
      apiVersion: `${GROUP}/v1`,
      metadata: {
        name,
        uid: uidOf(cluster, name),
        creationTimestamp: this.#since,
        labels: { [AUTOMANAGED]: custom ? 'true' : 'onstart' },
      },
      spec: {
        ...(group === '' ? {} : { group }),
        version,
        groupPriorityMinimum: priority.group,
        versionPriority: priority.version,
      },
      status: { conditions: [available(this.#since)] },
    };
  }
}

function nameOf({ group, version }: GroupVersionKind): string {
  return `${version}.${group}`;
}

function available(since: string): JsonObject {
  return {
    type: 'Available',
    status: 'True',
    lastTransitionTime: since,
    reason: 'Local',
    message: 'Local APIServices are always available',
  };
}

/** The same at every start, as an object that lasts has one uid: a UUID made of a hash (RFC 9562, version 8). */
function uidOf(cluster: ClusterName, name: string): string {
  const bytes = createHash('sha256').update(`${cluster}/${GROUP}/${name}`).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
