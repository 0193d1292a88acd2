import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import type { ClusterScope } from '@kcp/apimachinery/meta/cluster-name';
import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import { readObject, readObjects, readString, readStrings } from '@kcp/apimachinery/schema/read';
import { clusterPath } from '../rest/address.js';
import { decodeJson } from '../rest/decode.js';
import { type Answer, TransportError } from '../transport/transport.js';

/** One resource of a server, as discovery tells of it. */
export interface DiscoveredResource extends GroupVersionResource {
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: ReadonlySet<string>;
  /** `status`, `scale`, … */
  readonly subresources: readonly string[];
}

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Sends a GET. */
export type Fetch = (target: string, accept: string) => Promise<Answer>;

/** Reads both aggregated discovery documents. A resource that is served at several versions counts at the preferred one. */
export async function discoverResources(
  fetch: Fetch,
  scope: ClusterScope | undefined,
): Promise<readonly DiscoveredResource[]> {
  const roots = await Promise.all(['/api', '/apis'].map((root) => fetch(`${clusterPath(scope)}${root}`, AGGREGATED)));
  return roots.flatMap(({ body }) => {
    const document = decodeJson(body);
    if (isObject(document) && document.kind === 'APIGroupDiscoveryList')
      return readObjects(document, 'items').flatMap(ofGroup);
    throw new TransportError('the server does not know aggregated discovery');
  });
}

function ofGroup(item: JsonObject): DiscoveredResource[] {
  const group = readString(readObject(item, 'metadata') ?? {}, 'name');
  const found = new Map<string, DiscoveredResource>();
  for (const version of readObjects(item, 'versions')) {
    for (const entry of readObjects(version, 'resources')) {
      const resource = readString(entry, 'resource');
      if (!found.has(resource)) found.set(resource, resourceOf(entry, group, readString(version, 'version')));
    }
  }
  return [...found.values()];
}

function resourceOf(entry: JsonObject, group: string, version: string): DiscoveredResource {
  return {
    group,
    version,
    resource: readString(entry, 'resource'),
    kind: readString(readObject(entry, 'responseKind') ?? {}, 'kind'),
    namespaced: readString(entry, 'scope') === 'Namespaced',
    verbs: new Set(readStrings(entry, 'verbs')),
    subresources: readObjects(entry, 'subresources').map((one) => readString(one, 'subresource')),
  };
}
