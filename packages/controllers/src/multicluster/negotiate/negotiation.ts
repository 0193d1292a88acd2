import { deepEqual, type JsonObject } from '@kcp/apimachinery/json/value';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { apiVersionOf } from '@kcp/apimachinery/meta/resource';
import { readBoolean, readObject } from '@kcp/apimachinery/schema/read';
import type { Client } from '@kcp/client/rest/client';
import type { CallOptions } from '@kcp/client/rest/options';
import { unlessGone } from '../../controller/unless-gone.js';
import { DEFINITIONS } from '../../definition/definition-informer.js';
import { type ApiSpec, apiAnnotations, apiFields, apiOfDefinition, readApiSpec } from '../apis/api-spec.js';
import {
  type ApiCoordinates,
  definitionNameOf,
  NEGOTIATED_API_KIND,
  NEGOTIATED_APIS,
  negotiatedName,
} from '../apis/names.js';
import { holdsNow } from '../apis/observed-conditions.js';
import { conditionStatus, type DefinitionView, type ImportView, type NegotiatedView } from '../apis/views.js';
import { type Agreement, agree, type Candidate, type Ground } from './agree.js';
import { isEnforcedBy } from './api-conditions.js';
import type { ImportSpecs } from './import-specs.js';

/** One version of an API as the informers have it. */
export interface VersionState {
  readonly cluster: ClusterName;
  readonly coordinates: ApiCoordinates;
  readonly imports: readonly ImportView[];
  readonly negotiated: NegotiatedView | undefined;
  readonly definition: DefinitionView | undefined;
}

/** What one version came to. */
export interface Negotiated {
  readonly agreement: Agreement;
  /** As it is stored. */
  readonly object: KubeObject;
}

/** Negotiates one version of an API in one logical cluster and stores what came of it. */
export class Negotiation {
  readonly #client: Client;
  readonly #specs: ImportSpecs;
  readonly #options: CallOptions;
  readonly #autoPublish: boolean;

  constructor(client: Client, specs: ImportSpecs, autoPublish: boolean, options: CallOptions) {
    this.#client = client;
    this.#specs = specs;
    this.#autoPublish = autoPublish;
    this.#options = options;
  }

  /** Undefined when imports went while they were looked at: the next look will do. */
  async settle(state: VersionState): Promise<Negotiated | undefined> {
    const stored = await this.#stored(state);
    const candidates = await this.#candidates(state, stored !== undefined);
    if (candidates.length === 0) return undefined;
    const ground = await this.#ground(state, stored);
    const agreement = agree(ground, candidates);
    return { agreement, object: await this.#store(agreement.api, ground, stored) };
  }

  /** What was negotiated before; nothing when it only repeated a definition made by hand that is gone. */
  async #stored({ negotiated, definition, coordinates }: VersionState): Promise<KubeObject | undefined> {
    if (negotiated === undefined) return undefined;
    const { name } = negotiated;
    const enforced = conditionStatus(negotiated.conditions, 'Enforced') === 'True';
    if (!enforced || isEnforcedBy(definition, coordinates.version)) {
      return unlessGone(this.#client.get(NEGOTIATED_APIS, { name }, this.#options));
    }
    await unlessGone(this.#client.delete(NEGOTIATED_APIS, { name }, this.#options));
    return undefined;
  }

  /** In the order in which they came. Without anything to agree to, nobody has agreed. */
  async #candidates({ cluster, imports }: VersionState, agreed: boolean): Promise<Candidate[]> {
    const sorted = [...imports].sort((a, b) => (`${a.created} ${a.name}` < `${b.created} ${b.name}` ? -1 : 1));
    const read = async (view: ImportView) => {
      const { name, location, strategy, generation, conditions } = view;
      const api = await this.#specs.read(this.#client, cluster, view, this.#options);
      const party = agreed && holdsNow(conditions, 'Compatible', generation);
      return api === undefined ? [] : [{ name, location, strategy, party, api }];
    };
    const found = (await Promise.all(sorted.map(read))).flat();
    return found.length === imports.length ? found : [];
  }

  async #ground(state: VersionState, stored: KubeObject | undefined): Promise<Ground> {
    const { definition, coordinates, negotiated } = state;
    if (isEnforcedBy(definition, coordinates.version)) {
      const name = definitionNameOf(coordinates);
      const object = await unlessGone(this.#client.get(DEFINITIONS, { name }, this.#options));
      const api = object === undefined ? undefined : apiOfDefinition(object, coordinates.version);
      if (api !== undefined) return { kind: 'enforced', api };
    }
    if (stored === undefined || negotiated === undefined) return { kind: 'none' };
    const published = negotiated.publish || conditionStatus(negotiated.conditions, 'Published') === 'True';
    const api = readApiSpec(readObject(stored, 'spec') ?? {});
    return { kind: 'agreed', api, published, locations: negotiated.locations };
  }

  async #store(api: ApiSpec, ground: Ground, stored: KubeObject | undefined): Promise<KubeObject> {
    const known = stored === undefined ? undefined : readObject(stored, 'spec');
    const spec: JsonObject = { ...apiFields(api), ...publishing(known, ground, this.#autoPublish) };
    if (stored === undefined) {
      const made = { apiVersion: apiVersionOf(NEGOTIATED_APIS), kind: NEGOTIATED_API_KIND, spec };
      const metadata = { name: negotiatedName(api), annotations: apiAnnotations(api) };
      return this.#client.create(NEGOTIATED_APIS, { ...made, metadata }, this.#options);
    }
    if (deepEqual(known, spec)) return stored;
    return this.#client.update(NEGOTIATED_APIS, { ...stored, spec }, this.#options);
  }
}

/** Who made a definition by hand has published it. */
function publishing(known: JsonObject | undefined, ground: Ground, autoPublish: boolean): JsonObject {
  const publish = ground.kind === 'enforced' || (known === undefined ? autoPublish : readBoolean(known, 'publish'));
  if (publish) return { publish };
  return known !== undefined && Object.hasOwn(known, 'publish') ? { publish: false } : {};
}
