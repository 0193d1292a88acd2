import { newMethodNotAllowed } from '@kcp/apimachinery/errors/status-error';
import { stringify } from '@kcp/apimachinery/json/stringify';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { makingOpenApiV2 } from '@kcp/apimachinery/openapi/document-v2';
import { openApiV3Index } from '@kcp/apimachinery/openapi/document-v3';
import { encodingOpenApiV2 } from '@kcp/apimachinery/openapi/gnostic';
import { type HiddenFields, hideFields, NOTHING_HIDDEN } from '@kcp/apimachinery/openapi/hide-fields';
import { openApiV3Root } from '@kcp/apimachinery/openapi/root-paths';
import type { Work } from '@kcp/apimachinery/turns/work';
import { ClusterDocuments, type EncodedDocument, encodedDocument } from '../discovery/cluster-documents.js';
import { answerDocument } from '../discovery/discovery-handler.js';
import { servedGroups } from '../discovery/groups.js';
import { plainText } from '../handler/plain-text.js';
import type { ApiRequest, ApiResponse } from '../http/exchange.js';
import { OPENAPI_V2_BYTES_MAX } from '../limits.js';
import type { ResourceCatalog } from '../registry/catalog.js';
import type { ResourceType } from '../registry/resource-type.js';
import { parseAccept } from '../request/media-type.js';
import type { RequestInfo } from '../request/request-info.js';
import { encodingDocument } from './encoding-document.js';
import { KeptDocuments } from './kept-documents.js';
import { servedGroupVersion, VersionDocuments } from './version-documents.js';

const V2_PATH = '/openapi/v2';
const V3_PATH = '/openapi/v3';
const V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
const V2_PROTOBUF_OLD = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
const ONE_YEAR_MS = 365 * 24 * 3_600_000;

/** The group versions of one cluster by the end of their path, and the index of their documents once it was asked for. */
interface Documents {
  readonly groupVersions: ReadonlyMap<string, readonly ResourceType[]>;
  index: EncodedDocument | undefined;
}

/** Answers `/openapi/v2` and `/openapi/v3/…` per logical cluster. */
export class OpenApiHandler {
  readonly #documents: ClusterDocuments<Documents>;
  readonly #versions: VersionDocuments;
  readonly #roots = new Map<string, EncodedDocument>();
  readonly #v2Json = new KeptDocuments<Documents>(OPENAPI_V2_BYTES_MAX);
  readonly #v2Protobuf = new KeptDocuments<Documents>(OPENAPI_V2_BYTES_MAX);
  readonly #version: string;
  readonly #now: () => number;

  readonly #hidden: HiddenFields;

  /** `version` is major.minor as the documents name it; `hidden` is left out of them. */
  constructor(catalog: ResourceCatalog, version: string, now: () => number, hidden: HiddenFields = NOTHING_HIDDEN) {
    this.#version = version;
    this.#hidden = hidden;
    this.#versions = new VersionDocuments(version, hidden);
    this.#now = now;
    this.#documents = new ClusterDocuments(catalog, documentsOf);
  }

  /** Undefined for a path that is none of OpenAPI's. */
  handle(request: ApiRequest, info: RequestInfo): Promise<ApiResponse> | ApiResponse | undefined {
    const { path } = info;
    if (path !== V2_PATH && path !== V3_PATH && !path.startsWith(`${V3_PATH}/`)) return undefined;
    if (request.method !== 'GET' && request.method !== 'HEAD') throw newMethodNotAllowed();
    const documents = this.#documents.of(info.scope);
    if (path === V2_PATH) return this.#answerV2(request, documents);
    if (!acceptsJson(request)) return notAcceptable();
    if (path === V3_PATH) return this.#answerIndex(request, documents);
    const document = this.#v3(documents, path.slice(V3_PATH.length + 1));
    if (document instanceof Promise) return document.then((made) => this.#answerV3(request, info, made));
    return document && this.#answerV3(request, info, document);
  }

  #answerV2(request: ApiRequest, documents: Documents): Promise<ApiResponse> | ApiResponse {
    const wanted = parseAccept(request.header('accept') ?? '*/*');
    for (const { type } of wanted) {
      if (type === V2_PROTOBUF || type === V2_PROTOBUF_OLD) {
        const headers = { ...JSON_HEADERS, 'content-type': V2_PROTOBUF };
        return answerMade(request, this.#v2(this.#v2Protobuf, documents, encodingProtobuf), headers);
      }
      if (isJson(type)) return answerMade(request, this.#v2(this.#v2Json, documents, encodingDocument), JSON_HEADERS);
    }
    return notAcceptable();
  }

  #answerV3(request: ApiRequest, info: RequestInfo, document: EncodedDocument): ApiResponse {
    const name = info.path.slice(V3_PATH.length + 1);
    const hash = info.query.get('hash');
    if (hash === '') return answerDocument(request, document, JSON_HEADERS);
    if (hash !== document.hash) {
      const location = `${info.scope === 'root' ? '' : `/clusters/${info.scope}`}${V3_PATH}/${name}?hash=${document.hash}`;
      return {
        kind: 'bytes',
        status: 301,
        headers: { location, 'content-type': 'text/plain; charset=utf-8' },
        body: [],
      };
    }
    const expires = new Date(this.#now() + ONE_YEAR_MS).toUTCString();
    return answerDocument(request, document, { ...JSON_HEADERS, 'cache-control': 'public, immutable', expires });
  }

  async #answerIndex(request: ApiRequest, documents: Documents): Promise<ApiResponse> {
    if (documents.index === undefined) {
      const hashes = new Map<string, string>();
      for (const name of ROOTS) hashes.set(name, this.#root(name)?.hash ?? '');
      for (const [name, types] of documents.groupVersions) hashes.set(name, await this.#versions.hash(types));
      documents.index = encodedDocument(Buffer.from(stringify(openApiV3Index(hashes))));
    }
    return answerDocument(request, documents.index, JSON_HEADERS);
  }

  #v2(
    kept: KeptDocuments<Documents>,
    documents: Documents,
    encoding: (document: JsonObject) => Work<EncodedDocument>,
  ): Promise<EncodedDocument> | EncodedDocument {
    return kept.get(documents) ?? kept.make(documents, () => this.#makingV2(documents, encoding));
  }

  *#makingV2(documents: Documents, encoding: (document: JsonObject) => Work<EncodedDocument>): Work<EncodedDocument> {
    const served = [...documents.groupVersions.values()].map(servedGroupVersion);
    const document = yield* makingOpenApiV2(served, this.#version);
    yield;
    return yield* encoding(hideFields(document, this.#hidden));
  }

  #v3(documents: Documents, name: string): Promise<EncodedDocument> | EncodedDocument | undefined {
    const types = documents.groupVersions.get(name);
    return types === undefined ? this.#root(name) : this.#versions.document(types);
  }

  /** The documents of the paths above group versions, the same for every cluster. */
  #root(name: string): EncodedDocument | undefined {
    const known = this.#roots.get(name);
    if (known !== undefined) return known;
    const document = openApiV3Root(name, this.#version);
    if (document === undefined) return undefined;
    const encoded = encodedDocument(Buffer.from(stringify(document)));
    this.#roots.set(name, encoded);
    return encoded;
  }
}

function* encodingProtobuf(document: JsonObject): Work<EncodedDocument> {
  const bytes = yield* encodingOpenApiV2(document);
  yield;
  return encodedDocument(bytes);
}

function answerMade(
  request: ApiRequest,
  document: Promise<EncodedDocument> | EncodedDocument,
  headers: Readonly<Record<string, string>>,
): Promise<ApiResponse> | ApiResponse {
  if (document instanceof Promise) return document.then((made) => answerDocument(request, made, headers));
  return answerDocument(request, document, headers);
}

const ROOTS = ['api', 'apis', 'version'];
const JSON_HEADERS = { 'content-type': 'application/json', vary: 'Accept' };

function documentsOf(types: readonly ResourceType[]): Documents {
  const groupVersions = new Map<string, readonly ResourceType[]>();
  for (const { group, versions } of servedGroups(types)) {
    for (const { version, types: own } of versions) {
      groupVersions.set(group === '' ? `api/${version}` : `apis/${group}/${version}`, own);
    }
  }
  return { groupVersions, index: undefined };
}

function acceptsJson(request: ApiRequest): boolean {
  const accept = request.header('accept') ?? '';
  return accept === '' || parseAccept(accept).some(({ type }) => isJson(type));
}

function isJson(type: string): boolean {
  return type === 'application/json' || type === '*/*' || type === 'application/*';
}

function notAcceptable(): ApiResponse {
  return plainText(406, '');
}
