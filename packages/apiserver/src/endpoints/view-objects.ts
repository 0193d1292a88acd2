import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { CachedObject } from '@kcp/storage/cache';
import { CacheEntry } from '@kcp/storage/watch-cache/cached-object';
import { pathOf } from '@kcp/storage/watch-cache/resource-path';
import { withResourceVersion } from '@kcp/storage/watch-cache/resource-version';
import { encodeForStore } from '../registry/encode-object.js';
import type { ListAnswer } from './list-output.js';
import { clusterOf, type ResourceRequest } from './resource-request.js';
import type { Selection } from './selection.js';

/** Objects that are computed, in the form in which stored ones are read. */
export function viewObjects(objects: readonly KubeObject[], cluster: ClusterName, revision: number): CachedObject[] {
  return objects.map((object) => {
    const { name = '', namespace = '' } = object.metadata;
    const bytes = withResourceVersion(encodeForStore(object), revision);
    return new CacheEntry(pathOf({ cluster, namespace, name }), revision, revision, bytes);
  });
}

/** The whole list of a computed type; there are few, so it has no pages. */
export function viewList(rr: ResourceRequest, selection: Selection): ListAnswer {
  const revision = rr.registry.cache.revision;
  if (rr.type.backing.kind !== 'view') return { items: [], revision };
  const cluster = clusterOf(rr);
  const items = viewObjects(rr.type.backing.source.list(cluster), cluster, revision);
  return { items: items.filter((item) => selection.matches(item)), revision };
}
