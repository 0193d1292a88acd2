import { StatusError } from '@kcp/apimachinery/errors/status-error';
import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import { type Clock, pause, type Random } from '@kcp/client/clock';
import type { Client } from '@kcp/client/rest/client';
import { IMPORT_SETTLE_MS, UNWATCHABLE_RETRY_MS } from '../limits.js';

/** By what a cluster's APIs come, change and go; those built in change with its version alone. */
const SIGNS: readonly GroupVersionResource[] = [
  { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' },
  { group: 'apiregistration.k8s.io', version: 'v1', resource: 'apiservices' },
];

export interface ServedApisOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  /** Called soon after something changed; many changes at once are told together. */
  readonly onChange: () => void;
}

/**
 * Watches whether a physical cluster's APIs change. Who may not watch that hears of it when the cluster comes back. What
 * is there when the watches begin is no change, if they begin before anybody looks: see `isLookedAt`.
 */
export class ServedApisWatch {
  /** Somebody has looked at the APIs, or is about to. */
  isLookedAt = false;
  readonly #options: ServedApisOptions;
  readonly #stop = new AbortController();
  /** Until the watches are begun anew. */
  #round = new AbortController();
  #pending = false;

  constructor(options: ServedApisOptions) {
    this.#options = options;
  }

  /** Resolves when the watches have begun, or could not begin. */
  async start(): Promise<void> {
    await Promise.all(
      SIGNS.map(
        (resource) =>
          new Promise<void>((begun) => {
            void this.#watch(resource, begun);
          }),
      ),
    );
  }

  /** Begins anew at once: the cluster is back, and whatever was waited for is no longer worth it. */
  renew(): void {
    const ended = this.#round;
    this.#round = new AbortController();
    ended.abort();
  }

  stop(): void {
    this.#stop.abort();
    this.#round.abort();
  }

  async #watch(resource: GroupVersionResource, begun: () => void): Promise<void> {
    const { client, clock } = this.#options;
    while (!this.#stop.signal.aborted) {
      const { signal } = this.#round;
      let fresh = false;
      try {
        const { resourceVersion } = await client.list(resource, { limit: 1, metadataOnly: true, signal });
        if (this.isLookedAt) this.#tell();
        begun();
        for await (const { type } of client.watch(resource, { resourceVersion, metadataOnly: true, signal })) {
          if (type !== 'BOOKMARK') this.#tell();
        }
      } catch (error) {
        // History that is gone is only begun anew; kinds that are not served or not ours to see are not asked for often.
        fresh = error instanceof StatusError && error.code === 410;
      }
      begun();
      await pause(clock, fresh ? IMPORT_SETTLE_MS : UNWATCHABLE_RETRY_MS, signal);
    }
  }

  #tell(): void {
    if (this.#pending) return;
    this.#pending = true;
    this.#options.clock.after(IMPORT_SETTLE_MS, () => {
      this.#pending = false;
      if (!this.#stop.signal.aborted) this.#options.onChange();
    });
  }
}
