import type { ClusterScope } from '@kcp/apimachinery/meta/cluster-name';
import { splitClusterPath } from './cluster-path.js';
import { Query } from './query.js';

export type ResourceVerb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** What a request addresses, from its method, path and query alone. Strings are empty where the path names nothing. */
export interface RequestInfo {
  readonly scope: ClusterScope;
  /** Path below the cluster, decoded, without query. */
  readonly path: string;
  readonly query: Query;
  readonly method: string;
  readonly target: ResourceTarget | undefined;
}

/** The part below `/api/VERSION/` or `/apis/GROUP/VERSION/`. */
export interface ResourceTarget {
  readonly verb: ResourceVerb;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** More path segments than a subresource: names nothing that exists. */
  readonly tooDeep: boolean;
}

/** Subresources of a namespace itself; any other third segment is a resource in that namespace (upstream's rule). */
const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);

export type ParsedRequest =
  | { readonly ok: true; readonly info: RequestInfo }
  | { readonly ok: false; readonly code: 400 | 404 };

/**
 * Reads a request line. `rawTarget` is path and query as sent; `clusterHeader` is `X-Kubernetes-Cluster`. Fails with
 * 404 for a cluster that cannot be, with 400 for a path that is no valid encoding. Rules as upstream's
 * `RequestInfoFactory`.
 */
export function parseRequest(method: string, rawTarget: string, clusterHeader: string | undefined): ParsedRequest {
  const mark = rawTarget.indexOf('?');
  const rawPath = mark < 0 ? rawTarget : rawTarget.slice(0, mark);
  const { scope, path: encoded } = splitClusterPath(rawPath, clusterHeader);
  if (scope === undefined) return { ok: false, code: 404 };
  const path = decodePath(encoded);
  if (path === undefined) return { ok: false, code: 400 };
  const query = mark < 0 ? Query.EMPTY : Query.parse(rawTarget.slice(mark + 1));
  return { ok: true, info: { scope, path, query, method, target: parseTarget(method, path, query) } };
}

function decodePath(path: string): string | undefined {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

function parseTarget(method: string, path: string, query: Query): ResourceTarget | undefined {
  const parts = path.split('/').filter((part) => part !== '');
  const versionAt = parts[0] === 'api' ? 1 : parts[0] === 'apis' ? 2 : 0;
  if (versionAt === 0 || parts.length <= versionAt + 1) return undefined;
  const group = versionAt === 2 ? (parts[1] ?? '') : '';
  const version = parts[versionAt] ?? '';
  const rest = parts.slice(versionAt + 1);
  const legacyWatch = rest[0] === 'watch' && rest.length > 1;
  if (legacyWatch) rest.shift();
  const named = nameTarget(rest);
  return { group, version, ...named, verb: verbOf(method, named, query, legacyWatch) };
}

type Named = Pick<ResourceTarget, 'namespace' | 'resource' | 'name' | 'subresource' | 'tooDeep'>;

function nameTarget(rest: readonly string[]): Named {
  const [first = '', second = '', third = ''] = rest;
  if (first === 'namespaces' && rest.length > 2 && !(NAMESPACE_SUBRESOURCES.has(third) && rest.length === 3)) {
    const [, , resource = '', name = '', subresource = ''] = rest;
    return { namespace: second, resource, name, subresource, tooDeep: rest.length > 5 };
  }
  const namespace = first === 'namespaces' ? second : '';
  return { namespace, resource: first, name: second, subresource: third, tooDeep: rest.length > 3 };
}

function verbOf(method: string, named: Named, query: Query, legacyWatch: boolean): ResourceVerb {
  const single = named.name !== '';
  switch (method) {
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return single ? 'delete' : 'deletecollection';
    default:
      if (legacyWatch || (!single && query.flag('watch'))) return 'watch';
      return single ? 'get' : 'list';
  }
}
