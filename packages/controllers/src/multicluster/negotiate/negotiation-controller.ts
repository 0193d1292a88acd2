import { deepEqual, type JsonObject } from '@kcp/apimachinery/json/value';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import { readObject } from '@kcp/apimachinery/schema/read';
import type { Client } from '@kcp/client/rest/client';
import { Controller, type Source } from '../../controller/controller.js';
import type { Environment } from '../../controller/environment.js';
import { unlessGone } from '../../controller/unless-gone.js';
import { DEFINITIONS } from '../../definition/definition-informer.js';
import { readApiSpec } from '../apis/api-spec.js';
import { apiText, BY_API, type Informers } from '../apis/informers.js';
import { API_IMPORTS, type ApiCoordinates, definitionNameOf, NEGOTIATED_APIS } from '../apis/names.js';
import { withConditions } from '../apis/observed-conditions.js';
import { conditionStatus, type DefinitionView, type ImportView, type NegotiatedView } from '../apis/views.js';
import { NEGOTIATIONS_AT_ONCE } from '../limits.js';
import { available, compatible, negotiatedConditions } from './api-conditions.js';
import { ImportSpecs } from './import-specs.js';
import { type Negotiated, Negotiation } from './negotiation.js';
import { type PublishedApi, publishedDefinition } from './published-definition.js';

/** One resource of a group in one logical cluster; its versions share a definition. */
interface ApiKey {
  readonly cluster: ClusterName;
  readonly group: string;
  readonly plural: string;
}

export interface NegotiationOptions {
  readonly environment: Environment;
  readonly informers: Informers;
  /** Collections to wait for. */
  readonly sources: readonly Source[];
  /** What is negotiated is served at once. */
  readonly autoPublish: boolean;
}

/**
 * Negotiates the APIs that physical clusters have in common, serves those that are to be served, and tells every import
 * how it stands. It looks at what is there now and not at what happened, so that it may begin at any time.
 */
export class NegotiationController {
  readonly #options: NegotiationOptions;
  readonly #controller: Controller<ApiKey>;
  readonly #specs = new ImportSpecs();

  constructor(options: NegotiationOptions) {
    this.#options = options;
    const { environment, informers, sources } = options;
    this.#controller = new Controller({
      name: 'api negotiation',
      environment,
      sources: [...sources],
      textOf: ({ cluster, ...api }) => apiText(cluster, api),
      workers: NEGOTIATIONS_AT_ONCE,
      reconcile: async (key, signal) => {
        await this.#reconcile(key, signal);
        return undefined;
      },
    });
    const enqueue = (cluster: ClusterName, api: Pick<ApiCoordinates, 'group' | 'plural'> | undefined) => {
      if (api !== undefined) this.#controller.enqueue({ cluster, group: api.group, plural: api.plural });
    };
    informers.imports.subscribe(({ key, before, after }) => {
      if (after === undefined) this.#specs.forget(key.cluster, key.name);
      enqueue(key.cluster, (after ?? before)?.value.api);
    });
    informers.negotiated.subscribe(({ key, before, after }) => enqueue(key.cluster, (after ?? before)?.value.api));
    informers.definitions.subscribe(({ key, before, after }) => {
      const definition = (after ?? before)?.value;
      // Most definitions are nobody's business here.
      if (definition !== undefined && this.#isKnown(key.cluster, definition)) enqueue(key.cluster, definition);
    });
  }

  start(): void {
    this.#controller.start();
  }

  stop(): Promise<void> {
    return this.#controller.stop();
  }

  #isKnown(cluster: ClusterName, api: Pick<ApiCoordinates, 'group' | 'plural'>): boolean {
    const { imports, negotiated } = this.#options.informers;
    const text = apiText(cluster, api);
    return imports.indexed(BY_API, text).length > 0 || negotiated.indexed(BY_API, text).length > 0;
  }

  async #reconcile(key: ApiKey, signal: AbortSignal): Promise<void> {
    const client = this.#options.environment.client.in(key.cluster);
    const settled = await this.#negotiate(key, client, signal);
    await this.#publish(key, client, signal);
    await this.#tell(key, client, settled, signal);
  }

  /** Brings every version to an agreement; one that nobody serves any more is forgotten. */
  async #negotiate(key: ApiKey, client: Client, signal: AbortSignal): Promise<readonly Negotiated[]> {
    const { imports, negotiated, definition } = this.#look(key);
    const versions = new Set([...imports, ...negotiated].map(({ api }) => api.version));
    const settled: Negotiated[] = [];
    for (const version of versions) {
      const coordinates = { group: key.group, plural: key.plural, version };
      const ofVersion = ({ api }: { readonly api: ApiCoordinates }) => api.version === version;
      const own = imports.filter(ofVersion);
      const known = negotiated.find(ofVersion);
      if (own.length === 0) {
        if (known !== undefined && known.locations.length > 0) await this.#forget(key.cluster, client, known, signal);
        continue;
      }
      const state = { cluster: key.cluster, coordinates, imports: own, negotiated: known, definition };
      const result = await new Negotiation(client, this.#specs, this.#options.autoPublish, { signal }).settle(state);
      if (result === undefined) continue;
      this.#options.informers.negotiated.observe(key.cluster, result.object);
      settled.push(result);
    }
    return settled;
  }

  async #forget(cluster: ClusterName, client: Client, { name }: NegotiatedView, signal: AbortSignal): Promise<void> {
    await unlessGone(client.delete(NEGOTIATED_APIS, { name }, { signal }));
    this.#options.environment.log.info('an API is served by no cluster any more', { cluster, api: name });
  }

  /** Makes the definition say what is published. One that was made by hand is not touched. */
  async #publish(key: ApiKey, client: Client, signal: AbortSignal): Promise<void> {
    const { negotiated, definition } = this.#look(key);
    if (definition?.manual === true || definition?.deleting === true) return;
    const published = await this.#published(client, negotiated, signal);
    const name = definitionNameOf(key);
    if (published.length === 0) {
      if (definition !== undefined) await unlessGone(client.delete(DEFINITIONS, { name }, { signal }));
      return;
    }
    const existing = definition && (await unlessGone(client.get(DEFINITIONS, { name }, { signal })));
    const wanted = publishedDefinition(published, existing);
    if (wanted === existing) return;
    const written =
      existing === undefined
        ? await client.create(DEFINITIONS, wanted, { signal })
        : await client.update(DEFINITIONS, wanted, { signal });
    this.#options.informers.definitions.observe(key.cluster, written);
  }

  async #published(
    client: Client,
    negotiated: readonly NegotiatedView[],
    signal: AbortSignal,
  ): Promise<PublishedApi[]> {
    const found: PublishedApi[] = [];
    for (const { name, uid, publish } of negotiated) {
      if (!publish) continue;
      const object = await unlessGone(client.get(NEGOTIATED_APIS, { name }, { signal }));
      // One that is on its way out is no longer served.
      if (object === undefined || object.metadata.deletionTimestamp !== undefined) continue;
      found.push({ api: readApiSpec(readObject(object, 'spec') ?? {}), owner: { name, uid } });
    }
    return found;
  }

  async #tell(key: ApiKey, client: Client, settled: readonly Negotiated[], signal: AbortSignal): Promise<void> {
    const { imports, negotiated, definition } = this.#look(key);
    for (const known of negotiated) {
      const { agreement } = settled.find(({ object }) => object.metadata.name === known.name) ?? {};
      const locations = agreement?.locations ?? known.locations;
      await this.#tellNegotiated(key.cluster, client, known, definition, locations, signal);
    }
    const now = this.#look(key).negotiated;
    for (const one of imports) {
      const verdict = settled.map(({ agreement }) => agreement.verdicts.get(one.name)).find((errors) => errors);
      const of = now.find(({ api }) => api.version === one.api.version);
      const published = of !== undefined && conditionStatus(of.conditions, 'Published') === 'True';
      if (verdict === undefined) continue;
      const agrees = verdict.length === 0;
      const told = [compatible(verdict), ...available(one.conditions, agrees, published)];
      await this.#tellImport(key.cluster, client, one, told, signal);
    }
  }

  async #tellNegotiated(
    cluster: ClusterName,
    client: Client,
    known: NegotiatedView,
    definition: DefinitionView | undefined,
    locations: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    const now = this.#options.environment.clock.now();
    const wanted = negotiatedConditions(known, definition);
    const conditions = withConditions(known.conditions, wanted, known.generation, now);
    // Nobody agreeing any more does not undo who made it what it is.
    const agreed = locations.length === 0 ? known.locations : locations;
    if (conditions === known.conditions && deepEqual([...agreed], [...known.locations])) return;
    const status = { conditions: [...conditions], locations: [...agreed] };
    const written = await this.#writeStatus(client, NEGOTIATED_APIS, known.name, status, signal);
    if (written !== undefined) this.#options.informers.negotiated.observe(cluster, written);
  }

  async #tellImport(
    cluster: ClusterName,
    client: Client,
    known: ImportView,
    told: Parameters<typeof withConditions>[1],
    signal: AbortSignal,
  ): Promise<void> {
    const now = this.#options.environment.clock.now();
    const conditions = withConditions(known.conditions, told, known.generation, now);
    if (conditions === known.conditions) return;
    const written = await this.#writeStatus(client, API_IMPORTS, known.name, { conditions: [...conditions] }, signal);
    if (written !== undefined) this.#options.informers.imports.observe(cluster, written);
  }

  #writeStatus(
    client: Client,
    resource: GroupVersionResource,
    name: string,
    status: JsonObject,
    signal: AbortSignal,
  ): Promise<KubeObject | undefined> {
    const patch = { type: 'merge', value: { status } } as const;
    return unlessGone(client.patch(resource, { name }, patch, { subresource: 'status', signal }));
  }

  #look({ cluster, ...api }: ApiKey) {
    const { imports, negotiated, definitions } = this.#options.informers;
    const text = apiText(cluster, api);
    return {
      imports: imports.indexed(BY_API, text).map(({ value }) => value),
      negotiated: negotiated.indexed(BY_API, text).map(({ value }) => value),
      definition: definitions.get({ cluster, namespace: '', name: definitionNameOf(api) })?.value,
    };
  }
}
