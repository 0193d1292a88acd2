import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { GroupVersionKind } from '@kcp/apimachinery/meta/resource';
import type { ResourceType } from '../registry/resource-type.js';
import type { ServedGroup, ServedVersion } from './groups.js';
import { listedVerbs, sortedSubresources, sortedVerbs } from './legacy.js';

export type AggregatedVersion = 'v2' | 'v2beta1';

/** `/api` (the core group alone) or `/apis` (all others) as one document. */
export function aggregatedDocument(groups: readonly ServedGroup[], version: AggregatedVersion): JsonObject {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map(({ group, versions }) => ({
      metadata: group === '' ? {} : { name: group },
      versions: versions.map(versionEntry),
    })),
  };
}

function versionEntry({ version, types }: ServedVersion): JsonObject {
  return { version, resources: types.map(resourceEntry), freshness: 'Current' };
}

function resourceEntry(type: ResourceType): JsonObject {
  const { names, namespaced } = type;
  const subresources = sortedSubresources(type).map(([name, { kind, verbs }]) => ({
    subresource: name,
    responseKind: responseKind(type, kind),
    verbs: sortedVerbs(verbs),
  }));
  return {
    resource: names.plural,
    responseKind: responseKind(type, undefined),
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: names.singular,
    verbs: listedVerbs(type),
    ...(names.shortNames.length > 0 ? { shortNames: [...names.shortNames] } : {}),
    ...(names.categories.length > 0 ? { categories: [...names.categories] } : {}),
    ...(subresources.length > 0 ? { subresources } : {}),
  };
}

/** Built-ins leave group and version empty where they are those of the list; custom types spell them out (upstream). */
function responseKind(type: ResourceType, own: GroupVersionKind | undefined): JsonObject {
  const { group, version, kind } = own ?? type.gvk;
  const implied = type.origin === 'builtin' && group === type.gvk.group && version === type.gvk.version;
  return implied ? { group: '', version: '', kind } : { group, version, kind };
}
