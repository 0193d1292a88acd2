import { newMethodNotAllowed, newNotAcceptable, StatusError } from '@kcp/apimachinery/errors/status-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { ClusterScope } from '@kcp/apimachinery/meta/cluster-name';
import { answerValue } from '../endpoints/answer.js';
import type { ApiRequest, ApiResponse, BytesResponse } from '../http/exchange.js';
import type { ResourceCatalog } from '../registry/catalog.js';
import type { ResourceType } from '../registry/resource-type.js';
import { parseAccept } from '../request/media-type.js';
import { mediaTypesOf, negotiate } from '../request/negotiation.js';
import type { RequestInfo } from '../request/request-info.js';
import { type AggregatedVersion, aggregatedDocument } from './aggregated.js';
import { ClusterDocuments, type EncodedDocument, encodedDocument } from './cluster-documents.js';
import { type ServedGroup, servedGroups } from './groups.js';
import { apiVersionsDocument, groupDocument, groupListDocument, resourceListDocument } from './legacy.js';

/** What discovery says of one cluster; each document is made when it is first asked for. */
interface Documents {
  readonly groups: readonly ServedGroup[];
  readonly encoded: Map<string, EncodedDocument>;
}

/** Answers `/api`, `/apis` and what lies below them down to the lists of resources. */
export class DiscoveryHandler {
  readonly #documents: ClusterDocuments<Documents>;

  constructor(catalog: ResourceCatalog) {
    this.#documents = new ClusterDocuments(catalog, (types: readonly ResourceType[]) => ({
      groups: servedGroups(types),
      encoded: new Map(),
    }));
  }

  /** Undefined for a path that is none of discovery's, or names a group that is not served. */
  handle(request: ApiRequest, info: RequestInfo): Promise<ApiResponse> | undefined {
    const [root = '', ...rest] = info.path.split('/').filter((part) => part !== '');
    if ((root !== 'api' && root !== 'apis') || info.path.includes('//')) return undefined;
    if (rest.length > (root === 'api' ? 1 : 2)) return undefined;
    const documents = this.#documents.of(info.scope);
    const document = rest.length === 0 ? undefined : belowRoot(documents.groups, root, rest);
    if (rest.length > 0 && document === undefined) return undefined;
    const methods = document === undefined ? ['GET', 'HEAD'] : ['GET'];
    if (!methods.includes(request.method)) throw newMethodNotAllowed();
    return document ? answerLegacy(request, document) : this.#answerRoot(request, documents, root);
  }

  /** The paths of every group and version that a cluster serves, for the index of all paths. */
  paths(scope: ClusterScope): string[] {
    return this.#documents.of(scope).groups.flatMap(({ group, versions }) => {
      const root = group === '' ? '/api' : `/apis/${group}`;
      return [...(group === '' ? [] : [root]), ...versions.map(({ version }) => `${root}/${version}`)];
    });
  }

  async #answerRoot(request: ApiRequest, documents: Documents, root: 'api' | 'apis' | string): Promise<ApiResponse> {
    const version = aggregatedVersion(request.header('accept'));
    const core = root === 'api';
    if (version === undefined) {
      const groups = documents.groups;
      const legacy = core
        ? apiVersionsDocument(
            groups.find(({ group }) => group === ''),
            request.header(':authority') ?? request.header('host') ?? '',
          )
        : groupListDocument(groups);
      return withVary(await answerLegacy(request, legacy));
    }
    const shown = documents.groups.filter(({ group }) => (group === '') === core);
    const key = `${root} ${version}`;
    let document = documents.encoded.get(key);
    if (document === undefined) {
      document = encodedDocument(Buffer.from(`${JSON.stringify(aggregatedDocument(shown, version))}\n`));
      documents.encoded.set(key, document);
    }
    const contentType = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
    return answerDocument(request, document, {
      'content-type': contentType,
      vary: 'Accept',
      'cache-control': 'public',
    });
  }
}

/** Sends a document, or 304 to a client that has it. */
export function answerDocument(
  request: ApiRequest,
  document: EncodedDocument,
  headers: Readonly<Record<string, string>>,
): BytesResponse {
  const etag = `"${document.hash}"`;
  const known = (request.header('if-none-match') ?? '').split(',').some((tag) => tag.trim() === etag);
  const all = { ...headers, etag };
  return known
    ? { kind: 'bytes', status: 304, headers: all, body: [] }
    : { kind: 'bytes', status: 200, headers: all, body: [document.bytes] };
}

function belowRoot(groups: readonly ServedGroup[], root: string, rest: readonly string[]): JsonObject | undefined {
  const [first = '', second] = root === 'api' ? ['', rest[0]] : rest;
  const group = groups.find((served) => served.group === first && (root === 'api') === (served.group === ''));
  if (group === undefined) return undefined;
  if (second === undefined) return groupDocument(group);
  const version = group.versions.find((served) => served.version === second);
  if (version) return resourceListDocument(group.group, version);
  const builtin = group.versions.some(({ types }) => types.some(({ origin }) => origin === 'builtin'));
  if (!builtin) return undefined;
  throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
}

function answerLegacy(request: ApiRequest, document: JsonObject): Promise<BytesResponse> {
  const format = negotiate(request.header('accept'), { protobuf: true, conversions: [] });
  return answerValue(format, 200, () => document);
}

function withVary(response: BytesResponse): BytesResponse {
  return { ...response, headers: { ...response.headers, vary: 'Accept' } };
}

/**
 * The aggregated form that the client wants; undefined for the legacy form. v2beta1 left Kubernetes with 1.35, so it is
 * the last resort, for a client that takes nothing else. Throws 406.
 */
function aggregatedVersion(accept: string | undefined): AggregatedVersion | undefined {
  if (accept === undefined || accept === '') return undefined;
  let beta = false;
  for (const { type, parameters } of parseAccept(accept)) {
    const aggregated =
      parameters.get('as') === 'APIGroupDiscoveryList' && parameters.get('g') === 'apidiscovery.k8s.io';
    if (type !== 'application/json' || !aggregated) {
      if (!parameters.has('as')) return undefined;
      continue;
    }
    if (parameters.get('v') === 'v2') return 'v2';
    if (parameters.get('v') === 'v2beta1') beta = true;
  }
  if (beta) return 'v2beta1';
  throw newNotAcceptable(mediaTypesOf({ protobuf: true }));
}
