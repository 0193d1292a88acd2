import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { Client } from '@kcp/client/rest/client';
import { inTurn } from '../../controller/in-turn.js';
import { unlessGone } from '../../controller/unless-gone.js';
import { clusterReader } from './cluster-reader.js';
import { bodyOfDefinition, type DefinitionBody, definitionOf } from './definition-of.js';
import { discoverKinds, type ServedKind } from './discover-kinds.js';
import { PublishedSchemas } from './published-schemas.js';
import { structuralSchema } from './structural-schema.js';

const DEFINITIONS = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };
/** Definitions of the cluster's own that are read at the same time. */
const READ_AT_ONCE = 8;
/** What an object must allow to be one of ours as well. */
const NEEDED_VERBS = ['create', 'get', 'list', 'watch', 'update', 'delete'];

export interface PullOptions {
  /** Which kinds; all when absent. Names are `pods` or `deployments.apps`, as users write them. */
  readonly resources?: readonly string[];
  /** Kinds that are not wanted: those that the receiving server has anyway. */
  readonly skip?: (kind: ServedKind) => boolean;
  readonly signal?: AbortSignal;
}

export interface Pulled {
  readonly kind: ServedKind;
  readonly definition: KubeObject;
}

export interface PullResult {
  readonly pulled: readonly Pulled[];
  /** Kinds of which the cluster publishes no schema. */
  readonly unknown: readonly ServedKind[];
  /** Names that were asked for and that the cluster does not serve. */
  readonly missing: readonly string[];
}

/**
 * Makes definitions of the kinds that a cluster serves, out of what it publishes of them. `client` addresses the cluster.
 * Rejects with StatusError, TransportError or GarbledDocument.
 */
export async function pullDefinitions(client: Client, options: PullOptions = {}): Promise<PullResult> {
  const reader = clusterReader(client, options.signal);
  const schemas = new PublishedSchemas(reader);
  const served = await discoverKinds(reader);
  const wanted = served.filter((kind) => isWanted(kind, options));
  const bodies = await inTurn(wanted, READ_AT_ONCE, (kind) => bodyOf(client, schemas, kind, options.signal));
  const pulled: Pulled[] = [];
  const unknown: ServedKind[] = [];
  for (const [index, kind] of wanted.entries()) {
    const body = bodies[index];
    if (body === undefined) unknown.push(kind);
    else pulled.push({ kind, definition: definitionOf(kind, body) });
  }
  const missing = (options.resources ?? []).filter((name) => !served.some((kind) => isNamed(kind, name)));
  return { pulled, unknown, missing };
}

function isWanted(kind: ServedKind, { resources, skip }: PullOptions): boolean {
  if (!NEEDED_VERBS.every((verb) => kind.verbs.has(verb)) || skip?.(kind) === true) return false;
  return resources === undefined || resources.length === 0 || resources.some((name) => isNamed(kind, name));
}

/** `pods`, `deployments.apps`; `pods.core` as definitions are named. */
function isNamed({ plural, group }: ServedKind, name: string): boolean {
  return name === plural || name === `${plural}.${group === '' ? 'core' : group}`;
}

/** A cluster's own definition says more than what it publishes of it. */
async function bodyOf(
  client: Client,
  schemas: PublishedSchemas,
  kind: ServedKind,
  signal: AbortSignal | undefined,
): Promise<DefinitionBody | undefined> {
  if (mayBeDefined(kind)) {
    const name = `${kind.plural}.${kind.group}`;
    const definition = await unlessGone(client.get(DEFINITIONS, { name }, { signal }));
    const body = definition === undefined ? undefined : bodyOfDefinition(definition, kind.version);
    if (body !== undefined) return body;
  }
  const published = await schemas.of(kind);
  if (published === undefined) return undefined;
  const schema: JsonObject = structuralSchema(published.set, published.name);
  return { schema, columns: [] };
}

/** Groups without a domain, and the core, are never a definition's in a real cluster. */
function mayBeDefined({ group }: ServedKind): boolean {
  return group.includes('.');
}
