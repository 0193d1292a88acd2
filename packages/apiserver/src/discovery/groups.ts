import { apiVersionOf } from '@kcp/apimachinery/meta/resource';
import { compareVersions } from '@kcp/apimachinery/meta/version-priority';
import type { ResourceType } from '../registry/resource-type.js';

/** The types of one group, by version, best version first. */
export interface ServedGroup {
  readonly group: string;
  readonly versions: readonly ServedVersion[];
}

export interface ServedVersion {
  readonly version: string;
  /** `v1` or `group/version`. */
  readonly groupVersion: string;
  /** In the order of their names. */
  readonly types: readonly ResourceType[];
}

/** Built-in groups in the order of upstream's priorities; all others follow by name. */
const GROUP_ORDER = [
  '',
  'apiregistration.k8s.io',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'certificates.k8s.io',
  'rbac.authorization.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'coordination.k8s.io',
];

/** Sorts what a cluster serves into groups and versions, as discovery lists them. */
export function servedGroups(types: readonly ResourceType[]): readonly ServedGroup[] {
  const groups = new Map<string, Map<string, ResourceType[]>>();
  for (const type of types) {
    const { group, version } = type.gvk;
    const versions = groups.get(group) ?? new Map<string, ResourceType[]>();
    groups.set(group, versions);
    versions.set(version, [...(versions.get(version) ?? []), type]);
  }
  return [...groups]
    .sort(([a], [b]) => compareGroups(a, b))
    .map(([group, versions]) => ({ group, versions: sortVersions(group, versions) }));
}

function sortVersions(group: string, versions: ReadonlyMap<string, readonly ResourceType[]>): ServedVersion[] {
  return [...versions]
    .sort(([a], [b]) => compareVersions(a, b))
    .map(([version, types]) => ({
      version,
      groupVersion: apiVersionOf({ group, version }),
      types: [...types].sort((a, b) => (a.names.plural < b.names.plural ? -1 : 1)),
    }));
}

function compareGroups(a: string, b: string): number {
  const rank = (group: string): number => {
    const at = GROUP_ORDER.indexOf(group);
    return at < 0 ? GROUP_ORDER.length : at;
  };
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}
