import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readObjects, readStrings } from '@kcp/apimachinery/schema/read';

const COUNT = 'count/';
/** Resources of the core group that quotas also count by their bare names. */
const BARE: ReadonlySet<string> = new Set([
  'configmaps',
  'persistentvolumeclaims',
  'pods',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
]);
/** What upstream counts of pods, claims and services, which are not served here: nothing is used. */
const UNSERVED =
  /^(?:(?:limits|requests)\..+|cpu|memory|ephemeral-storage|services\.(?:loadbalancers|nodeports)|.+\.storageclass\.storage\.k8s\.io\/.+)$/;

/** How the use of one name of a quota is found out. */
export type Measure =
  /** The number of objects of a type; `served`: upstream always serves it. */
  | { readonly kind: 'count'; readonly group: string; readonly resource: string; readonly wellKnown: boolean }
  | { readonly kind: 'none' }
  /** Nobody knows what it is. */
  | { readonly kind: 'unknown' };

export function measureOf(name: string): Measure {
  if (BARE.has(name)) return { kind: 'count', group: '', resource: name, wellKnown: true };
  if (!name.startsWith(COUNT)) return UNSERVED.test(name) ? { kind: 'none' } : { kind: 'unknown' };
  const [resource = '', ...group] = name.slice(COUNT.length).split('.');
  return { kind: 'count', group: group.join('.'), resource, wellKnown: group.length === 0 && BARE.has(resource) };
}

/** What a quota allows, by name. */
export function hardOf(quota: KubeObject): JsonObject {
  return readObject(readObject(quota, 'spec') ?? {}, 'hard') ?? {};
}

/** A quota of scopes counts only what has them: no object by number. */
export function isScoped(quota: KubeObject): boolean {
  const spec = readObject(quota, 'spec') ?? {};
  const selectors = readObjects(readObject(spec, 'scopeSelector') ?? {}, 'matchExpressions');
  return readStrings(spec, 'scopes').length + selectors.length > 0;
}
