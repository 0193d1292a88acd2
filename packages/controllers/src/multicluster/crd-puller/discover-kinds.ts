import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readBoolean, readObject, readObjects, readString, readStrings } from '@kcp/apimachinery/schema/read';
import { type ClusterReader, GarbledDocument } from './cluster-reader.js';

/** A kind as a cluster serves it, at the version that its group prefers. */
export interface ServedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: ReadonlySet<string>;
  readonly subresources: ReadonlySet<string>;
}

const AGGREGATED = [
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList',
  'application/json',
].join(',');

/** Everything that a cluster serves, from the documents of new clusters or those that every cluster has. */
export async function discoverKinds(reader: ClusterReader): Promise<readonly ServedKind[]> {
  const roots = await Promise.all(['/api', '/apis'].map((path) => reader.read(path, AGGREGATED)));
  const kinds = await Promise.all(roots.map((root) => ofRoot(reader, root)));
  return kinds.flat();
}

async function ofRoot(reader: ClusterReader, root: JsonObject | undefined): Promise<ServedKind[]> {
  switch (readString(root ?? {}, 'kind')) {
    case '':
      return [];
    case 'APIGroupDiscoveryList':
      return readObjects(root ?? {}, 'items').flatMap(ofGroup);
    case 'APIVersions':
      return ofLists(reader, [{ group: '', version: readStrings(root ?? {}, 'versions')[0] ?? 'v1' }]);
    case 'APIGroupList':
      return ofLists(reader, readObjects(root ?? {}, 'groups').map(preferred));
    default:
      throw new GarbledDocument(`the cluster's discovery is of kind ${readString(root ?? {}, 'kind')}`);
  }
}

/** Of each resource the first version, which is the preferred one of those that have it. */
function ofGroup(item: JsonObject): ServedKind[] {
  const group = readString(readObject(item, 'metadata') ?? {}, 'name');
  const found = new Map<string, ServedKind>();
  for (const version of readObjects(item, 'versions')) {
    for (const entry of readObjects(version, 'resources')) {
      const plural = readString(entry, 'resource');
      if (!found.has(plural)) found.set(plural, ofEntry(entry, group, readString(version, 'version')));
    }
  }
  return [...found.values()];
}

function ofEntry(entry: JsonObject, group: string, version: string): ServedKind {
  return {
    group,
    version,
    kind: readString(readObject(entry, 'responseKind') ?? {}, 'kind'),
    plural: readString(entry, 'resource'),
    singular: readString(entry, 'singularResource'),
    shortNames: readStrings(entry, 'shortNames'),
    categories: readStrings(entry, 'categories'),
    namespaced: readString(entry, 'scope') === 'Namespaced',
    verbs: new Set(readStrings(entry, 'verbs')),
    subresources: new Set(readObjects(entry, 'subresources').map((one) => readString(one, 'subresource'))),
  };
}

interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

function preferred(group: JsonObject): GroupVersion {
  const version = readString(readObject(group, 'preferredVersion') ?? {}, 'version');
  return { group: readString(group, 'name'), version };
}

async function ofLists(reader: ClusterReader, versions: readonly GroupVersion[]): Promise<ServedKind[]> {
  const lists = await Promise.all(
    versions.map(async (gv) => {
      const path = gv.group === '' ? `/api/${gv.version}` : `/apis/${gv.group}/${gv.version}`;
      return ofList((await reader.read(path)) ?? {}, gv);
    }),
  );
  return lists.flat();
}

function ofList(list: JsonObject, { group, version }: GroupVersion): ServedKind[] {
  const all = readObjects(list, 'resources');
  return all
    .filter((entry) => !readString(entry, 'name').includes('/'))
    .map((entry) => {
      const plural = readString(entry, 'name');
      const below = all.map((one) => readString(one, 'name')).filter((name) => name.startsWith(`${plural}/`));
      return {
        group,
        version,
        kind: readString(entry, 'kind'),
        plural,
        singular: readString(entry, 'singularName'),
        shortNames: readStrings(entry, 'shortNames'),
        categories: readStrings(entry, 'categories'),
        namespaced: readBoolean(entry, 'namespaced'),
        verbs: new Set(readStrings(entry, 'verbs')),
        subresources: new Set(below.map((name) => name.slice(plural.length + 1))),
      };
    });
}
