import { createHash } from 'node:crypto';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { GroupVersionKind } from '@kcp/apimachinery/meta/resource';
import type { ResourceType, Subresource } from '../registry/resource-type.js';
import type { ServedGroup, ServedVersion } from './groups.js';

/** `/api`. `server` is host and port as the client reached us. */
export function apiVersionsDocument(core: ServedGroup | undefined, server: string): JsonObject {
  return {
    kind: 'APIVersions',
    versions: (core?.versions ?? []).map(({ version }) => version),
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: server }],
  };
}

/** `/apis`. */
export function groupListDocument(groups: readonly ServedGroup[]): JsonObject {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.filter(({ group }) => group !== '').map(groupEntry) };
}

/** `/apis/GROUP`. */
export function groupDocument(group: ServedGroup): JsonObject {
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(group) };
}

function groupEntry({ group, versions }: ServedGroup): JsonObject {
  const entries = versions.map(({ version, groupVersion }) => ({ groupVersion, version }));
  return { name: group, versions: entries, ...(entries[0] ? { preferredVersion: entries[0] } : {}) };
}

/** `/api/v1` or `/apis/GROUP/VERSION`. The core group's list has no apiVersion, as upstream. */
export function resourceListDocument(group: string, served: ServedVersion): JsonObject {
  return {
    kind: 'APIResourceList',
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: served.groupVersion,
    resources: served.types.flatMap(resourceEntries),
  };
}

function resourceEntries(type: ResourceType): JsonObject[] {
  const { names, gvk, namespaced } = type;
  const main: JsonObject = {
    name: names.plural,
    singularName: names.singular,
    namespaced,
    kind: gvk.kind,
    verbs: listedVerbs(type),
    ...(names.shortNames.length > 0 ? { shortNames: [...names.shortNames] } : {}),
    ...(names.categories.length > 0 ? { categories: [...names.categories] } : {}),
    ...(type.backing.kind === 'store'
      ? { storageVersionHash: storageVersionHash(type.announcedStorage ?? type.storageKind) }
      : {}),
  };
  return [main, ...sortedSubresources(type).map(([name, subresource]) => subresourceEntry(type, name, subresource))];
}

function subresourceEntry(
  { names, gvk, namespaced }: ResourceType,
  name: string,
  subresource: Subresource,
): JsonObject {
  const { group, version, kind } = subresource.kind ?? gvk;
  const own = group === gvk.group && version === gvk.version ? {} : { group, version };
  return {
    name: `${names.plural}/${name}`,
    singularName: '',
    namespaced,
    ...own,
    kind,
    verbs: sortedVerbs(subresource.verbs),
  };
}

/** By name; those of custom types in the order in which upstream adds them. */
export function sortedSubresources(type: ResourceType): [string, Subresource][] {
  if (type.origin === 'custom') return [...type.subresources];
  return [...type.subresources].sort(([a], [b]) => (a < b ? -1 : 1));
}

export function listedVerbs({ listedVerbs: listed, verbs }: ResourceType): string[] {
  return listed === undefined ? sortedVerbs(verbs) : [...listed];
}

export function sortedVerbs(verbs: ReadonlySet<string>): string[] {
  return [...verbs].sort();
}

/** The first eight bytes of the hash of the stored kind; kcp's form, that begins with an empty cluster name. */
function storageVersionHash({ group, version, kind }: GroupVersionKind): string {
  return createHash('sha256').update(`/${group}/${version}/${kind}`).digest().subarray(0, 8).toString('base64');
}
