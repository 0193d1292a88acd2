import type { ClusterScope } from '@kcp/apimachinery/meta/cluster-name';
import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';

/** What a request is about: a collection, one object, or a subresource of it. */
export interface Address {
  readonly resource: GroupVersionResource;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

/** Members of a query; those that are undefined, empty or false are not sent. */
export type QueryMembers = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** Path and query of a request. Without a scope it addresses whatever the server's own URL means. */
export function targetOf(scope: ClusterScope | undefined, address: Address, query: QueryMembers = {}): string {
  return `${clusterPath(scope)}${resourcePath(address)}${queryText(query)}`;
}

/** The prefix of everything in a logical cluster. */
export function clusterPath(scope: ClusterScope | undefined): string {
  return scope === undefined ? '' : `/clusters/${scope}`;
}

function resourcePath({ resource: { group, version, resource }, namespace, name, subresource }: Address): string {
  const root = group === '' ? '/api' : `/apis/${encodeURIComponent(group)}`;
  const parts = [
    ...(namespace ? ['namespaces', namespace] : []),
    resource,
    ...(name ? [name] : []),
    ...(subresource ? [subresource] : []),
  ];
  return [root, version, ...parts.map(encodeURIComponent)].join('/');
}

function queryText(query: QueryMembers): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === '' || value === false) continue;
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    for (const one of values) parts.push(`${name}=${encodeURIComponent(String(one))}`);
  }
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}
