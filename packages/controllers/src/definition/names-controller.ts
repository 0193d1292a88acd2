import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { Change, Informer } from '@kcp/client/informer/informer';
import type { ObjectKey } from '@kcp/client/informer/object-key';
import type { Entry } from '@kcp/client/informer/object-store';
import { Controller } from '../controller/controller.js';
import type { Environment } from '../controller/environment.js';
import { unlessGone } from '../controller/unless-gone.js';
import { GROUPS_AT_ONCE } from '../limits.js';
import { isTrue, settledStatus } from './definition-conditions.js';
import type { DefinitionDigest } from './definition-digest.js';
import { BY_GROUP, DEFINITIONS, groupText } from './definition-informer.js';

/** Names are given out per logical cluster and group, one definition at a time. */
interface Group {
  readonly cluster: ClusterName;
  readonly group: string;
}

type DefinitionEntry = Entry<DefinitionDigest>;

/**
 * Accepts the names of definitions, with which they begin to be served, and says in their conditions what else is to
 * be said of them. When names become free, those that wait for them get them.
 */
export class NamesController {
  readonly #environment: Environment;
  readonly #definitions: Informer<DefinitionDigest>;
  readonly #controller: Controller<Group>;

  constructor(environment: Environment, definitions: Informer<DefinitionDigest>) {
    this.#environment = environment;
    this.#definitions = definitions;
    this.#controller = new Controller({
      name: 'definition names',
      environment,
      sources: [definitions],
      textOf: ({ cluster, group }) => groupText(cluster, group),
      workers: GROUPS_AT_ONCE,
      reconcile: async (key, signal) => {
        await this.#reconcile(key, signal);
        return undefined;
      },
    });
    definitions.subscribe((change) => this.#changed(change));
  }

  start(): void {
    this.#controller.start();
  }

  stop(): Promise<void> {
    return this.#controller.stop();
  }

  #changed({ key, before, after }: Change<DefinitionDigest>): void {
    const known = after?.value ?? before?.value;
    if (known === undefined) return;
    const wants = after !== undefined && !after.value.settled;
    const freesNames = before !== undefined && before.value.acceptedNames !== after?.value.acceptedNames;
    if (wants || freesNames) this.#controller.enqueue({ cluster: key.cluster, group: known.group });
  }

  /** The first come is served first. */
  async #reconcile({ cluster, group }: Group, signal: AbortSignal): Promise<void> {
    const wanting = this.#ofGroup(cluster, group).filter(({ value }) => !value.settled);
    for (const entry of wanting.sort((a, b) => a.revision - b.revision)) {
      if (this.#wouldChange(entry)) await this.#settle(entry.key, signal);
    }
  }

  #wouldChange({ key, value }: DefinitionEntry): boolean {
    // What the digest leaves out are schemas, which only those that are named already are judged by.
    const named = isTrue(value.definition, 'NamesAccepted') && isTrue(value.definition, 'Established');
    return named || settledStatus(value.definition, this.#others(key, value.group), 0) !== undefined;
  }

  async #settle(key: ObjectKey, signal: AbortSignal): Promise<void> {
    const client = this.#environment.client.in(key.cluster);
    const definition = await unlessGone(client.get(DEFINITIONS, { name: key.name }, { signal }));
    const group = this.#definitions.get(key)?.value.group;
    if (definition === undefined || group === undefined || definition.metadata.deletionTimestamp !== undefined) return;
    const status = settledStatus(definition, this.#others(key, group), this.#environment.clock.now());
    if (status === undefined) return;
    const wanted = { ...definition, status };
    const written = await unlessGone(client.update(DEFINITIONS, wanted, { subresource: 'status', signal }));
    // The next definition of the group must not be given the same names.
    if (written !== undefined) this.#definitions.observe(key.cluster, written);
  }

  #others(key: ObjectKey, group: string): DefinitionEntry['value']['definition'][] {
    return this.#ofGroup(key.cluster, group)
      .filter((other) => other.key.name !== key.name)
      .map(({ value }) => value.definition);
  }

  #ofGroup(cluster: ClusterName, group: string): DefinitionEntry[] {
    return [...this.#definitions.indexed(BY_GROUP, groupText(cluster, group))];
  }
}
