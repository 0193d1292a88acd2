import type { ClusterScope } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { OWNERSHIP_ONLY } from '@kcp/apimachinery/meta/ownership-only';
import { apiVersionOf, type GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import { turnFor } from '@kcp/apimachinery/turns/turn';
import type { Clock, Random } from '../clock.js';
import { type DiscoveredResource, discoverResources } from '../discovery/discover.js';
import { LIST_PAGE_OBJECTS } from '../limits.js';
import type { Transport } from '../transport/transport.js';
import { lines } from '../watch/lines.js';
import { resumedWatch } from '../watch/resumed-watch.js';
import { decodeWatchEvent, type WatchEvent } from '../watch/watch-event.js';
import { type Address, clusterPath, type QueryMembers, targetOf } from './address.js';
import { decodeList, decodeObject } from './decode.js';
import { Exchange } from './exchange.js';
import { APPLY_TYPE, acceptList, acceptOne, JSON_TYPE, jsonBody, patchBody } from './media.js';
import type {
  ApplyOptions,
  CallOptions,
  CollectionOptions,
  DeleteOptions,
  ListOptions,
  ObjectList,
  ObjectName,
  Patch,
  PatchOptions,
  ReadOptions,
  WatchOptions,
  WriteOptions,
} from './options.js';

export interface ClientOptions {
  readonly transport: Transport;
  /** One logical cluster, or all of them for list and watch; undefined: what the server's own URL addresses. */
  readonly scope?: ClusterScope | undefined;
  readonly clock: Clock;
  /** For the jitter of pauses. */
  readonly random: Random;
  /** Names the program; field managers are called after it unless a write names one. */
  readonly userAgent?: string;
}

/**
 * The API of one logical cluster, for every resource alike. Objects come and go as decoded JSON; integers that a double
 * cannot hold are bigints. Every method rejects with StatusError when the server refuses, with TransportError when it
 * was not reached or its answer makes no sense, and with the signal's reason when called off.
 */
export class Client {
  readonly scope: ClusterScope | undefined;
  readonly #options: ClientOptions;
  readonly #exchange: Exchange;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.scope = options.scope;
    this.#exchange = new Exchange(options.transport, options.clock);
  }

  /** The same access to another logical cluster, or to all. */
  in(scope: ClusterScope): Client {
    return new Client({ ...this.#options, scope });
  }

  async get(resource: GroupVersionResource, object: ObjectName, options: ReadOptions = {}): Promise<KubeObject> {
    const { subresource, resourceVersion, metadataOnly } = options;
    const address = { resource, ...object, subresource };
    const answer = await this.#send('GET', address, { resourceVersion }, options, acceptOne(metadataOnly));
    return decodeObject(answer);
  }

  /** One page, or everything without a limit. */
  async list(resource: GroupVersionResource, options: ListOptions = {}): Promise<ObjectList> {
    const { resourceVersion, resourceVersionMatch, limit, metadataOnly } = options;
    const more = { resourceVersion, resourceVersionMatch, limit, continue: options.continue };
    const query = { ...selectors(options), ...more };
    const address = { resource, namespace: options.namespace };
    return decodeList(await this.#send('GET', address, query, options, acceptList(metadataOnly)));
  }

  /** Everything, page by page, all of one revision as long as the server's history lasts. */
  async *pages(resource: GroupVersionResource, options: ListOptions = {}): AsyncGenerator<ObjectList, void, void> {
    let page = await this.list(resource, { limit: LIST_PAGE_OBJECTS, ...options });
    yield page;
    while (page.continue !== undefined) {
      const { resourceVersion: _, resourceVersionMatch: __, ...rest } = options;
      page = await this.list(resource, { limit: LIST_PAGE_OBJECTS, ...rest, continue: page.continue });
      yield page;
    }
  }

  /** Creates an object in the namespace that its metadata name; with a subresource, sends that to the object. */
  async create(resource: GroupVersionResource, object: KubeObject, options: WriteOptions = {}): Promise<KubeObject> {
    const { namespace, name } = object.metadata;
    const parent = options.subresource === undefined ? undefined : (options.name ?? name);
    const address = { resource, namespace, name: parent, subresource: options.subresource };
    return this.#write('POST', address, object, options);
  }

  /** Replaces an object; its resourceVersion, where it has one, must still be the present one. */
  async update(resource: GroupVersionResource, object: KubeObject, options: WriteOptions = {}): Promise<KubeObject> {
    const { namespace, name } = object.metadata;
    const address = { resource, namespace, name: options.name ?? name, subresource: options.subresource };
    return this.#write('PUT', address, object, options);
  }

  async patch(
    resource: GroupVersionResource,
    object: ObjectName,
    patch: Patch,
    options: PatchOptions = {},
  ): Promise<KubeObject> {
    const { type, body } = patchBody(patch);
    const address = { resource, ...object, subresource: options.subresource };
    const accept = acceptOne(options.metadataOnly);
    return decodeObject(await this.#send('PATCH', address, writeQuery(options), options, accept, type, body));
  }

  /** Server-side apply of an object that states what its manager wants. */
  async apply(resource: GroupVersionResource, object: KubeObject, options: ApplyOptions): Promise<KubeObject> {
    const { namespace, name } = object.metadata;
    const address = { resource, namespace, name: options.name ?? name, subresource: options.subresource };
    const query = { ...writeQuery(options), force: options.force };
    const whole = { ...object, apiVersion: object.apiVersion || apiVersionOf(resource) };
    return decodeObject(await this.#send('PATCH', address, query, options, JSON_TYPE, APPLY_TYPE, jsonBody(whole)));
  }

  /** What the server says of it: a Status when the object is gone, the object while something holds it. */
  async delete(resource: GroupVersionResource, object: ObjectName, options: DeleteOptions = {}): Promise<KubeObject> {
    const body = deleteBody(options);
    return decodeObject(await this.#send('DELETE', { resource, ...object }, {}, options, JSON_TYPE, JSON_TYPE, body));
  }

  /** Deletes whatever the selectors select. */
  async deleteCollection(
    resource: GroupVersionResource,
    collection: CollectionOptions,
    options: DeleteOptions = {},
  ): Promise<void> {
    const address = { resource, namespace: collection.namespace };
    const accept = acceptList(true);
    const body = deleteBody(options);
    await this.#send('DELETE', address, selectors(collection), { ...collection, ...options }, accept, JSON_TYPE, body);
  }

  /** One stream of events; ends when the server ends it or `signal` aborts. An ERROR event is thrown. */
  async *watchOnce(resource: GroupVersionResource, options: WatchOptions = {}): AsyncGenerator<WatchEvent, void, void> {
    const { signal, namespace, metadataOnly } = options;
    const { body } = await this.#exchange.stream({
      method: 'GET',
      target: targetOf(this.scope, { resource, namespace }, watchQuery(options)),
      headers: this.#headers(acceptOne(metadataOnly)),
      signal,
    });
    for await (const line of lines(body)) {
      const turn = turnFor(line.length);
      if (turn !== undefined) await turn;
      yield decodeWatchEvent(line);
    }
  }

  /** All events from `resourceVersion` on, over as many streams as it takes, until `signal` aborts. See `resumedWatch`. */
  watch(
    resource: GroupVersionResource,
    options: WatchOptions & { readonly signal: AbortSignal },
  ): AsyncGenerator<WatchEvent, void, void> {
    const { resourceVersion, signal, ...rest } = options;
    const open = (from: string | undefined) =>
      this.watchOnce(resource, {
        bookmarks: true,
        ...rest,
        signal,
        ...(from === undefined ? {} : { resourceVersion: from }),
      });
    return resumedWatch(open, resourceVersion, { ...this.#options, signal });
  }

  /** The resources that the logical cluster serves, each once, in the version that its group prefers. */
  discover(options: CallOptions = {}): Promise<readonly DiscoveredResource[]> {
    const headers = (accept: string) => this.#headers(accept);
    return discoverResources(
      (target, accept) => this.#exchange.request({ method: 'GET', target, headers: headers(accept), ...options }),
      this.scope,
    );
  }

  /** The body of a document that is no object, such as discovery or OpenAPI; `path` is seen from the logical cluster. */
  async read(path: string, accept: string, { signal }: CallOptions = {}): Promise<Buffer> {
    const target = `${clusterPath(this.scope)}${path}`;
    const answer = await this.#exchange.request({ method: 'GET', target, headers: this.#headers(accept), signal });
    return answer.body;
  }

  async #write(method: string, address: Address, object: KubeObject, options: WriteOptions): Promise<KubeObject> {
    const body = jsonBody(object);
    return decodeObject(await this.#send(method, address, writeQuery(options), options, JSON_TYPE, JSON_TYPE, body));
  }

  async #send(
    method: string,
    address: Address,
    query: QueryMembers,
    { signal }: CallOptions,
    accept: string,
    contentType?: string,
    body?: Buffer,
  ): Promise<Buffer> {
    const headers = {
      ...this.#headers(accept),
      ...(contentType === undefined || body === undefined ? {} : { 'content-type': contentType }),
    };
    const answer = await this.#exchange.request({
      method,
      target: targetOf(this.scope, address, query),
      headers,
      body,
      signal,
    });
    const turn = turnFor(answer.body.length);
    if (turn !== undefined) await turn;
    return answer.body;
  }

  #headers(accept: string): Record<string, string> {
    const { userAgent } = this.#options;
    return userAgent === undefined ? { accept } : { accept, 'user-agent': userAgent };
  }
}

function selectors({ labelSelector, fieldSelector }: CollectionOptions): QueryMembers {
  return { labelSelector, fieldSelector };
}

function watchQuery(options: WatchOptions): QueryMembers {
  const { resourceVersion, sendInitialEvents, bookmarks, timeoutSeconds, ownershipOnly } = options;
  return {
    watch: true,
    ...selectors(options),
    resourceVersion,
    allowWatchBookmarks: bookmarks,
    timeoutSeconds,
    ...(ownershipOnly ? { [OWNERSHIP_ONLY]: true } : {}),
    ...(sendInitialEvents ? { sendInitialEvents, resourceVersionMatch: 'NotOlderThan' } : {}),
  };
}

function writeQuery({ dryRun, fieldManager, fieldValidation }: WriteOptions): QueryMembers {
  return { dryRun: dryRun ? 'All' : undefined, fieldManager, fieldValidation };
}

function deleteBody(options: DeleteOptions): Buffer | undefined {
  const { propagationPolicy, gracePeriodSeconds, preconditions, dryRun } = options;
  const members = {
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(preconditions === undefined ? {} : { preconditions: { ...preconditions } }),
    ...(dryRun ? { dryRun: ['All'] } : {}),
  };
  if (Object.keys(members).length === 0) return undefined;
  return jsonBody({ kind: 'DeleteOptions', apiVersion: 'v1', ...members });
}
