import { parseJson } from '@kcp/apimachinery/json/parse';
import { stringify } from '@kcp/apimachinery/json/stringify';
import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import { ROOT_CLUSTER } from '@kcp/apimachinery/meta/cluster-name';
import type { WatchCache } from '@kcp/storage/cache';
import { objectKey } from '@kcp/storage/key';
import { createMemoryStore } from '@kcp/storage/memory/memory-store';
import type { Store } from '@kcp/storage/store';
import { createWatchCache } from '@kcp/storage/watch-cache/watch-cache';
import { AdmissionChain, type AdmissionPlugin } from '../admission/admission.js';
import { configuredPlugins } from '../admission/configured-plugins.js';
import type { ExpressionEngine } from '../admission/expression-engine.js';
import { NamespaceLifecycle } from '../admission/namespace-lifecycle.js';
import { inProcessAuthenticator } from '../authn/authenticator.js';
import {
  type AccountIdentity,
  accountIdentity,
  temporaryAccountIdentity,
} from '../authn/service-account/account-identity.js';
import { BearerTokens } from '../authn/token.js';
import type { UserInfo } from '../authn/user.js';
import { mastersAuthorizer } from '../authz/authorizer.js';
import { builtinTypes } from '../builtins/builtin-types.js';
import { systemClock } from '../clock.js';
import { createCrdCatalog } from '../crd/crd-catalog.js';
import { HandlerChain } from '../handler/chain.js';
import type { ApiResponse, StreamSink } from '../http/exchange.js';
import { InProcessRequest } from '../http/in-process.js';
import { BuiltinCatalog, type ResourceCatalog } from '../registry/catalog.js';
import { encodeForStore } from '../registry/encode-object.js';
import type { Registry } from '../registry/registry.js';
import { StoreClusters } from '../registry/store-clusters.js';
import { WebhookClient } from '../webhook/webhook-client.js';
import { mastersRules } from './masters-rules.fixture.js';
import { NO_ENGINE } from './no-engine.fixture.js';

export const TESTER: UserInfo = {
  name: 'ann',
  uid: '7',
  groups: ['system:masters', 'system:authenticated'],
  extra: { team: ['blue'] },
};

export interface Answer {
  readonly code: number;
  readonly body: JsonObject;
  readonly warning: string | undefined;
}

/** The whole way of a request over a store in memory, with webhooks and without a socket. */
export class SmallServer {
  readonly store: Store;
  readonly cache: WatchCache;
  readonly accounts: AccountIdentity;
  readonly cluster = ROOT_CLUSTER;
  readonly #chain: HandlerChain;
  readonly #client: WebhookClient;

  private constructor(
    { store, cache }: Registry,
    accounts: AccountIdentity,
    chain: HandlerChain,
    client: WebhookClient,
  ) {
    this.store = store;
    this.cache = cache;
    this.accounts = accounts;
    this.#chain = chain;
    this.#client = client;
  }

  /** `before` stand before the mutating webhooks in the chain, where policies and ordinary plugins do. */
  static async start(before: readonly AdmissionPlugin[] = [], engine: ExpressionEngine = NO_ENGINE) {
    const store = createMemoryStore();
    const cache = await createWatchCache(store);
    const client = new WebhookClient({ clock: systemClock });
    const holder: { catalog?: ResourceCatalog } = {};
    const catalog = (): ResourceCatalog => {
      if (holder.catalog === undefined) throw new Error('the catalogue is made last');
      return holder.catalog;
    };
    const accounts = accountIdentity(temporaryAccountIdentity(), cache, catalog, systemClock);
    const builtins = new BuiltinCatalog(
      builtinTypes({
        authorizer: mastersAuthorizer,
        rules: mastersRules,
        tokens: new BearerTokens([accounts.tokens], accounts.audiences),
        accountTokens: accounts,
        since: systemClock.now(),
        expressions: { scope: () => ({ check: () => undefined, declare: () => undefined }) },
        catalog,
      }),
    );
    holder.catalog = await createCrdCatalog({ cache, builtins, webhooks: client, onBroken: fail });
    const clusters = new StoreClusters(store, cache, systemClock);
    await clusters.ensure(ROOT_CLUSTER);
    const lifecycle = new NamespaceLifecycle(store, cache, clusters);
    const configured = configuredPlugins({ cache, catalog, client, engine });
    const admission = new AdmissionChain([lifecycle, ...before, ...configured]);
    const registry = { store, cache, catalog: holder.catalog, clusters, admission, clock: systemClock };
    const chain = new HandlerChain({
      registry,
      authenticator: inProcessAuthenticator,
      authorizer: mastersAuthorizer,
      nonResource: { handle: () => undefined },
      observer: { begin: () => ({ is: () => undefined, end: () => undefined }) },
      onInternalError: fail,
    });
    return new SmallServer(registry, accounts, chain, client);
  }

  /** Sends a request; `body` as JSON unless it is text. */
  async call(method: string, target: string, body?: JsonObject | JsonObject[] | string, type = 'application/json') {
    const response = await this.#handle(method, target, body, type);
    return answerOf(response);
  }

  /** Opens a watch; `next` waits for one event. */
  async watch(target: string, signal: AbortSignal): Promise<{ next(): Promise<JsonObject> }> {
    const response = await this.#handle('GET', target, undefined, 'application/json', signal);
    if (response.kind !== 'stream') throw new Error(`a watch was answered with ${response.status}`);
    const sink = new EventSink();
    response.run(sink);
    signal.addEventListener('abort', () => sink.end());
    return sink;
  }

  /** Puts an object into the store as it is, past every endpoint. */
  async plant(group: string, resource: string, object: JsonObject, custom = false): Promise<void> {
    const { metadata } = object;
    if (!isObject(metadata) || typeof metadata.name !== 'string') throw new Error('a planted object has a name');
    const namespace = typeof metadata.namespace === 'string' ? metadata.namespace : '';
    const storage = { group, resource, custom, namespaced: namespace !== '' };
    const value = encodeForStore({ apiVersion: '', kind: '', ...object, metadata });
    const revision = await this.store.create(
      objectKey(storage, { cluster: ROOT_CLUSTER, namespace, name: metadata.name }),
      value,
    );
    await this.cache.resource(storage);
    await this.cache.waitFor(revision, AbortSignal.timeout(1_000));
  }

  async close(): Promise<void> {
    this.#client.close();
    await this.cache.close();
    await this.store.close();
  }

  #handle(
    method: string,
    target: string,
    body: JsonObject | JsonObject[] | string | undefined,
    contentType: string,
    signal = new AbortController().signal,
  ): Promise<ApiResponse> {
    const text = body === undefined || typeof body === 'string' ? body : stringify(body);
    const call = {
      method,
      target,
      headers: { 'content-type': contentType, 'user-agent': 'story/1' },
      body: text === undefined ? undefined : Buffer.from(text),
      signal,
    };
    return this.#chain.handle(new InProcessRequest(call, TESTER));
  }
}

function answerOf(response: ApiResponse): Answer {
  if (response.kind !== 'bytes') throw new Error('the answer is a stream');
  const { value } = parseJson(Buffer.concat(response.body).toString('utf8'));
  if (!isObject(value)) throw new Error('the answer is no object');
  return { code: response.status, body: value, warning: response.headers.warning };
}

/** Collects the events of a watch. */
class EventSink implements StreamSink {
  readonly #events: JsonObject[] = [];
  #wake: (() => void) | undefined;
  #closed: (() => void)[] = [];

  write(bytes: Buffer): boolean {
    for (const line of bytes.toString('utf8').split('\n')) {
      if (line === '') continue;
      const { value } = parseJson(line);
      if (isObject(value)) this.#events.push(value);
    }
    this.#wake?.();
    return true;
  }

  onDrain(): void {
    // It never lags.
  }

  onClose(listener: () => void): void {
    this.#closed.push(listener);
  }

  end(): void {
    for (const listener of this.#closed.splice(0)) listener();
  }

  async next(): Promise<JsonObject> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) return event;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

function fail(error: unknown): never {
  throw error;
}
