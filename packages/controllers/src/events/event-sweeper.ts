import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { Informer } from '@kcp/client/informer/informer';
import { keyText, type ObjectKey } from '@kcp/client/informer/object-key';
import type { Again } from '@kcp/client/queue/work-queue';
import { Controller } from '../controller/controller.js';
import type { Environment } from '../controller/environment.js';
import { unlessGone } from '../controller/unless-gone.js';
import { EVENTS_AT_ONCE } from '../limits.js';

const EVENTS = { group: '', version: 'v1', resource: 'events' };
const SECOND_MS = 1_000;

/**
 * Deletes Events some time after they were last written, in every logical cluster; upstream leaves that to leases of
 * etcd. Of each Event only the time of that write is kept, and one timer waits for the first of them all.
 */
export class EventSweeper {
  readonly #environment: Environment;
  readonly #lifeMs: number;
  /** When each was last written, in milliseconds since 1970. */
  readonly #events: Informer<number>;
  readonly #controller: Controller<ObjectKey>;

  constructor(environment: Environment, lifeMs: number) {
    this.#environment = environment;
    this.#lifeMs = lifeMs;
    this.#events = new Informer<number>({
      ...environment,
      resource: EVENTS,
      metadataOnly: true,
      keep: (event) => lastWriteOf(event) ?? environment.clock.now(),
      onError: (error) => environment.log.warn('events cannot be watched', { error }),
    });
    this.#controller = new Controller({
      name: 'event sweeper',
      environment,
      sources: [this.#events],
      textOf: keyText,
      workers: EVENTS_AT_ONCE,
      reconcile: (key, signal) => this.#reconcile(key, signal),
    });
    this.#events.subscribe(({ key, before, after }) => {
      // One that is written again is looked at when it would have been due, and waits on then.
      if (before === undefined && after !== undefined) this.#controller.enqueueAfter(key, this.#leftMs(after.value));
    });
  }

  start(): void {
    this.#controller.start();
  }

  async stop(): Promise<void> {
    await this.#controller.stop();
    await this.#events.stop();
  }

  #leftMs(writtenMs: number): number {
    return Math.max(0, writtenMs + this.#lifeMs - this.#environment.clock.now());
  }

  async #reconcile(key: ObjectKey, signal: AbortSignal): Promise<Again | undefined> {
    const known = this.#events.get(key);
    if (known === undefined) return undefined;
    const leftMs = this.#leftMs(known.value);
    if (leftMs > 0) return { afterMs: leftMs };
    const { cluster, namespace, name } = key;
    const preconditions = { resourceVersion: String(known.revision) };
    await unlessGone(
      this.#environment.client.in(cluster).delete(EVENTS, { namespace, name }, { preconditions, signal }),
    );
    return undefined;
  }
}

/** Times are in whole seconds: the end of that second, so that none goes early. Undefined for an Event without any. */
function lastWriteOf({ metadata }: KubeObject): number | undefined {
  const times = [metadata.creationTimestamp, ...(metadata.managedFields ?? []).map(({ time }) => time)];
  const known = times.map((time) => Date.parse(time ?? '')).filter((ms) => !Number.isNaN(ms));
  return known.length === 0 ? undefined : Math.max(...known) + SECOND_MS;
}
