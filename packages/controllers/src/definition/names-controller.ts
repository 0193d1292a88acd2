import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { Change, Informer } from '@kcp/client/informer/informer';
import { keyText, type ObjectKey } from '@kcp/client/informer/object-key';
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

/** What a definition was told, as of which revision. */
interface Told {
  readonly revision: number;
  readonly definition: JsonObject;
}

/**
 * Accepts the names of definitions, with which they begin to be served, and says in their conditions what else is to
 * be said of them. When names become free, those that wait for them get them.
 */
export class NamesController {
  readonly #environment: Environment;
  readonly #definitions: Informer<DefinitionDigest>;
  readonly #controller: Controller<Group>;
  /** Until the informer shows it: the next definition of the group must not be given the same names. */
  readonly #told = new Map<string, Told>();

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
    const told = this.#told.get(keyText(key));
    if (told !== undefined && (after === undefined || after.revision >= told.revision)) this.#told.delete(keyText(key));
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
      if (!this.#wouldChange(entry)) continue;
      if (entry.value.fresh) await this.#settleFresh(entry, signal);
      else await this.#settle(entry.key, signal);
    }
  }

  #wouldChange(entry: DefinitionEntry): boolean {
    const { key, value } = entry;
    if (this.#asTold(entry) !== value.definition) return false;
    // What the digest leaves out are schemas, which only those that are named already are judged by.
    const named = isTrue(value.definition, 'NamesAccepted') && isTrue(value.definition, 'Established');
    return named || settledStatus(value.definition, this.#others(key, value.group), 0) !== undefined;
  }

  /** Most definitions are told something once, when they are new: then their schemas need not come and go for it. */
  async #settleFresh({ key, revision, value }: DefinitionEntry, signal: AbortSignal): Promise<void> {
    const { definition, group } = value;
    const status = settledStatus(definition, this.#others(key, group), this.#environment.clock.now());
    if (status === undefined) return;
    const client = this.#environment.client.in(key.cluster);
    const patch = { type: 'merge', value: { metadata: { resourceVersion: String(revision) }, status } } as const;
    const options = { subresource: 'status', metadataOnly: true, signal };
    const written = await unlessGone(client.patch(DEFINITIONS, { name: key.name }, patch, options));
    if (written === undefined) return;
    const told = { revision: Number(written.metadata.resourceVersion), definition: { ...definition, status } };
    if ((this.#definitions.get(key)?.revision ?? told.revision) < told.revision) this.#told.set(keyText(key), told);
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
      .map((other) => this.#asTold(other));
  }

  #asTold({ key, revision, value }: DefinitionEntry): JsonObject {
    const told = this.#told.get(keyText(key));
    return told !== undefined && told.revision > revision ? told.definition : value.definition;
  }

  #ofGroup(cluster: ClusterName, group: string): DefinitionEntry[] {
    return [...this.#definitions.indexed(BY_GROUP, groupText(cluster, group))];
  }
}
