import { deepEqual, type JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readObjects } from '@kcp/apimachinery/schema/read';
import type { LabelSelector } from '@kcp/apimachinery/selectors/label-selector';
import { selectorOfObject } from '@kcp/apimachinery/selectors/label-selector-object';
import { SelectorError } from '@kcp/apimachinery/selectors/selector-error';
import { type Change, Informer } from '@kcp/client/informer/informer';
import { keyText, type ObjectKey } from '@kcp/client/informer/object-key';
import type { Again } from '@kcp/client/queue/work-queue';
import type { Client } from '@kcp/client/rest/client';
import { Controller } from '../controller/controller.js';
import type { Environment } from '../controller/environment.js';
import { unlessGone } from '../controller/unless-gone.js';
import { AGGREGATIONS_AT_ONCE } from '../limits.js';

const CLUSTER_ROLES = { group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'clusterroles' };
/** As upstream calls it; whoever owns `rules` of an aggregated role is seen by this name. */
const FIELD_MANAGER = 'clusterrole-aggregation-controller';
const AGGREGATES = 'aggregates';

/** What is kept of a cluster role: by what it is selected, and what it selects. */
interface Role {
  readonly labels: Readonly<Record<string, string>> | undefined;
  /** Empty for a role with rules of its own. */
  readonly selectors: readonly LabelSelector[];
}

/**
 * Fills cluster roles that are put together from others (`aggregationRule`) with the rules of those, in every logical
 * cluster, the one of the policy that holds everywhere included.
 */
export class AggregationController {
  readonly #client: Client;
  readonly #roles: Informer<Role>;
  readonly #controller: Controller<ObjectKey>;

  constructor(environment: Environment) {
    this.#client = environment.client;
    this.#roles = new Informer<Role>({
      ...environment,
      resource: CLUSTER_ROLES,
      keep: roleOf,
      indexers: { [AGGREGATES]: ({ key, value }) => (value.selectors.length > 0 ? [key.cluster] : []) },
      onError: (error) => environment.log.warn('cluster roles cannot be watched', { error }),
    });
    this.#controller = new Controller({
      name: 'role aggregation',
      environment,
      sources: [this.#roles],
      textOf: keyText,
      workers: AGGREGATIONS_AT_ONCE,
      reconcile: (key, signal) => this.#reconcile(key, signal),
    });
    this.#roles.subscribe((change) => this.#changed(change));
  }

  start(): void {
    this.#controller.start();
  }

  async stop(): Promise<void> {
    await this.#controller.stop();
    await this.#roles.stop();
  }

  /** A role concerns itself, and those that select it as it was or is. */
  #changed({ key, before, after }: Change<Role>): void {
    for (const aggregate of this.#roles.indexed(AGGREGATES, key.cluster)) {
      const selects = (role: Role | undefined) =>
        role !== undefined && aggregate.value.selectors.some((selector) => selector.matches(role.labels));
      const itself = aggregate.key.name === key.name;
      if (itself || selects(before?.value) || selects(after?.value)) this.#controller.enqueue(aggregate.key);
    }
  }

  async #reconcile({ cluster, name }: ObjectKey, signal: AbortSignal): Promise<Again | undefined> {
    const client = this.#client.in(cluster);
    const role = await unlessGone(client.get(CLUSTER_ROLES, { name }, { signal }));
    if (role === undefined || readObject(role, 'aggregationRule') === undefined) return undefined;
    const rules = await this.#union(client, role, signal);
    if (deepEqual(rules, readObjects(role, 'rules'))) return undefined;
    const wanted = { apiVersion: role.apiVersion, kind: role.kind, metadata: { name }, rules };
    await unlessGone(client.apply(CLUSTER_ROLES, wanted, { fieldManager: FIELD_MANAGER, force: true, signal }));
    return undefined;
  }

  /** Each rule once: selector by selector, then by the names of the roles, then as they stand there. */
  async #union(client: Client, role: KubeObject, signal: AbortSignal): Promise<JsonObject[]> {
    const union: JsonObject[] = [];
    for (const selector of roleOf(role).selectors) {
      const { items } = await client.list(CLUSTER_ROLES, { labelSelector: selector.toString(), signal });
      const parts = items.filter(({ metadata }) => metadata.name !== role.metadata.name).sort(byName);
      for (const rule of parts.flatMap((part) => readObjects(part, 'rules'))) {
        if (!union.some((known) => deepEqual(known, rule))) union.push(rule);
      }
    }
    return union;
  }
}

function byName(one: KubeObject, other: KubeObject): number {
  const [a, b] = [one.metadata.name ?? '', other.metadata.name ?? ''];
  return a < b ? -1 : a > b ? 1 : 0;
}

function roleOf(role: KubeObject): Role {
  const rule = readObject(role, 'aggregationRule');
  const selectors = rule === undefined ? [] : readObjects(rule, 'clusterRoleSelectors').flatMap(selectorOf);
  return { labels: role.metadata.labels, selectors };
}

/** The server has validated it; one of another time that makes no sense selects nothing. */
function selectorOf(selector: JsonObject): LabelSelector[] {
  try {
    return [selectorOfObject(selector)];
  } catch (error) {
    if (error instanceof SelectorError) return [];
    throw error;
  }
}
