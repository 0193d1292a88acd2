import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { GroupResource } from '@kcp/apimachinery/meta/resource';
import { readObject } from '@kcp/apimachinery/schema/read';
import type { Informer } from '@kcp/client/informer/informer';
import { keyText, type ObjectKey } from '@kcp/client/informer/object-key';
import type { Again } from '@kcp/client/queue/work-queue';
import type { Client } from '@kcp/client/rest/client';
import { type Condition, conditionsOf, hasCondition, withCondition } from '../controller/conditions.js';
import { Controller } from '../controller/controller.js';
import { Departures } from '../controller/departures.js';
import type { Environment } from '../controller/environment.js';
import { unlessGone } from '../controller/unless-gone.js';
import { DELETIONS_AT_ONCE, INSTANCE_PATIENCE_MS, STUCK_CHANGE_MS, STUCK_RETRY_MS } from '../limits.js';
import { isTrue } from './definition-conditions.js';
import { CLEANUP_FINALIZER, type DefinitionDigest } from './definition-digest.js';
import { DEFINITIONS } from './definition-informer.js';
import { type Deletion, deleteInstances, groupResourceOf } from './instances.js';

const IN_PROGRESS = terminating('True', 'InstanceDeletionInProgress', 'CustomResource deletion is in progress');
/** Upstream's words after a minute of waiting. */
const IMPATIENT = terminating(
  'True',
  'InstanceDeletionCheck',
  'could not confirm zero CustomResources remaining: context deadline exceeded',
);
const COMPLETED = terminating('False', 'InstanceDeletionCompleted', 'removed all instances');
const NEVER_ESTABLISHED = terminating('False', 'NeverEstablished', 'resource was never established');
const OVERLAPPING = terminating(
  'False',
  'OverlappingBuiltInResource',
  'instances overlap with built-in resources in storage',
);

/** Whether a resource is one of the server's own, whatever its version: its objects are not a definition's to delete. */
export type IsBuiltin = (resource: GroupResource) => boolean;

/** Deletes the objects of definitions that are being deleted, and then lets go of the definitions. */
export class CleanupController {
  readonly #environment: Environment;
  readonly #isBuiltin: IsBuiltin;
  readonly #controller: Controller<ObjectKey>;
  readonly #departures: Departures;
  /** Since when definitions wait for objects that are held. */
  readonly #waiting = new Map<string, number>();

  constructor(environment: Environment, definitions: Informer<DefinitionDigest>, isBuiltin: IsBuiltin) {
    this.#environment = environment;
    this.#isBuiltin = isBuiltin;
    this.#departures = new Departures(environment);
    this.#controller = new Controller({
      name: 'definition cleanup',
      environment,
      sources: [definitions],
      textOf: keyText,
      workers: DELETIONS_AT_ONCE,
      reconcile: (key, signal) => this.#reconcile(key, signal),
    });
    definitions.subscribe(({ key, before, after }) => {
      if (after === undefined) this.#forget(keyText(key));
      // What we write ourselves comes back as changes that tell us nothing.
      else if (after.value.cleaning && !before?.value.cleaning) this.#controller.enqueue(key);
    });
  }

  start(): void {
    this.#controller.start();
  }

  async stop(): Promise<void> {
    this.#departures.stop();
    await this.#controller.stop();
  }

  async #reconcile(key: ObjectKey, signal: AbortSignal): Promise<Again | undefined> {
    const client = this.#environment.client.in(key.cluster);
    const found = await unlessGone(client.get(DEFINITIONS, { name: key.name }, { signal }));
    if (found === undefined || !isCleaning(found)) return undefined;
    const definition = await this.#say(client, found, this.#isImpatient(key) ? IMPATIENT : IN_PROGRESS, signal);
    if (definition === undefined) return undefined;
    if (this.#isBuiltin(groupResourceOf(definition))) return this.#letGo(client, definition, OVERLAPPING, signal);
    if (!isTrue(definition, 'Established')) return this.#letGo(client, definition, NEVER_ESTABLISHED, signal);
    const deletion = await deleteInstances(client, definition, signal);
    if (deletion.kind === 'none') return this.#letGo(client, definition, COMPLETED, signal);
    if (deletion.kind === 'remaining') return this.#wait(key, deletion);
    await this.#say(client, definition, terminating('True', 'InstanceDeletionFailed', deletion.message), signal);
    throw deletion.error;
  }

  #forget(text: string): void {
    this.#departures.forget(text);
    this.#waiting.delete(text);
  }

  #isImpatient(key: ObjectKey): boolean {
    const since = this.#waiting.get(keyText(key));
    return since !== undefined && this.#environment.clock.now() - since >= INSTANCE_PATIENCE_MS;
  }

  #wait(key: ObjectKey, { resource, resourceVersion }: Extract<Deletion, { kind: 'remaining' }>): Again {
    const text = keyText(key);
    if (!this.#waiting.has(text)) this.#waiting.set(text, this.#environment.clock.now());
    const holding = { cluster: key.cluster, resource, namespace: '', resourceVersion };
    this.#departures.wait(text, [holding], (what) => {
      if (what === 'gone') this.#controller.enqueue(key);
      else this.#controller.enqueueAfter(key, STUCK_CHANGE_MS);
    });
    return { afterMs: STUCK_RETRY_MS };
  }

  /** Writes a condition; gives the definition as it then is, undefined when it is gone. */
  async #say(
    client: Client,
    definition: KubeObject,
    condition: Condition,
    signal: AbortSignal,
  ): Promise<KubeObject | undefined> {
    const status = readObject(definition, 'status') ?? {};
    if (hasCondition(conditionsOf(status), condition)) return definition;
    const wanted = this.#with(definition, condition);
    return unlessGone(client.update(DEFINITIONS, wanted, { subresource: 'status', signal }));
  }

  async #letGo(client: Client, definition: KubeObject, condition: Condition, signal: AbortSignal): Promise<undefined> {
    const wanted = this.#with(definition, condition);
    const finalizers = (definition.metadata.finalizers ?? []).filter((name) => name !== CLEANUP_FINALIZER);
    const metadata = { ...definition.metadata, finalizers };
    await unlessGone(client.update(DEFINITIONS, { ...wanted, metadata }, { subresource: 'status', signal }));
    return undefined;
  }

  #with(definition: KubeObject, condition: Condition): KubeObject {
    const status = readObject(definition, 'status') ?? {};
    const conditions = withCondition(conditionsOf(status), condition, this.#environment.clock.now());
    return { ...definition, status: { ...status, conditions } };
  }
}

function isCleaning({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).includes(CLEANUP_FINALIZER);
}

function terminating(status: 'True' | 'False', reason: string, message: string): Condition {
  return { type: 'Terminating', status, reason, message };
}
