import { systemClock } from '@kcp/apiserver/clock';
import { pause } from '@kcp/client/clock';
import type { Client } from '@kcp/client/rest/client';
import {
  namedResources,
  resourceText,
  type SyncedResource,
} from '@kcp/controllers/multicluster/syncer/synced-resource';
import { Syncer } from '@kcp/controllers/multicluster/syncer/syncer';
import type { SyncerConfig } from '../config/sync-flags.js';
import type { Log } from '../log/log.js';
import { openLogicalCluster, openPhysicalCluster } from './open-clients.js';

/** A resource that can never be synced. */
export class ResourceFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ResourceFault';
  }
}

/** Pause before resources are looked for once more that one side does not serve yet. */
const LOOK_AGAIN_MS = 1_000;
const LOOK_MS = 10_000;
const USER_AGENT = 'kcp-syncer';

/**
 * Syncs one physical cluster. Resources that are not served yet, and servers that do not answer yet, are waited for.
 * Rejects with KubeconfigFault, and with ResourceFault for resources that cannot be synced.
 */
export async function runSyncer(config: SyncerConfig, log: Log): Promise<{ stop(): Promise<void> }> {
  const from = await openLogicalCluster(config.from, USER_AGENT);
  const to = await openPhysicalCluster(config.to, USER_AGENT);
  const { location } = config;
  const ends = { upstream: from.client, downstream: to.client };
  const syncer = new Syncer({ ...ends, location, clock: systemClock, random: Math.random, log });
  const stopped = new AbortController();
  const search = new ResourceSearch(config, ends.upstream, ends.downstream, syncer, log);
  try {
    await search.look(stopped.signal);
  } catch (error) {
    await Promise.all([from.close(), to.close()]);
    throw error;
  }
  syncer.start();
  const searching = search.run(stopped.signal);
  return {
    async stop() {
      stopped.abort();
      await searching;
      await syncer.stop();
      await Promise.all([from.close(), to.close()]);
    },
  };
}

/** Looks for the resources on both sides until all are there. */
class ResourceSearch {
  readonly #config: SyncerConfig;
  readonly #upstream: Client;
  readonly #downstream: Client;
  readonly #syncer: Syncer;
  readonly #log: Log;
  #told = '';
  #done = false;

  constructor(config: SyncerConfig, upstream: Client, downstream: Client, syncer: Syncer, log: Log) {
    this.#config = config;
    this.#upstream = upstream;
    this.#downstream = downstream;
    this.#syncer = syncer;
    this.#log = log;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!this.#done && !signal.aborted) {
      await pause(systemClock, LOOK_AGAIN_MS, signal);
      if (signal.aborted) return;
      try {
        await this.look(signal);
      } catch (error) {
        this.#log.error('resources cannot be synced', { error });
      }
    }
  }

  /** Rejects with ResourceFault alone; any other failure is for the next time. */
  async look(stop: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(LOOK_MS)]);
    try {
      const served = await Promise.all([this.#upstream, this.#downstream].map((one) => one.discover({ signal })));
      const [above, below] = served.map((one) => namedResources(this.#config.resources, one));
      if (above === undefined || below === undefined) return;
      const unfit = new Set([...above.unfit, ...below.unfit]);
      if (unfit.size > 0)
        throw new ResourceFault(`cannot be synced, only namespaced resources can: ${[...unfit].join(', ')}`);
      const both = above.found.filter((one) => below.found.some((other) => isSame(one, other)));
      this.#syncer.setResources(both);
      this.#tell(both.length, [...new Set([...above.missing, ...below.missing])]);
    } catch (error) {
      if (error instanceof ResourceFault) throw error;
      if (!stop.aborted) this.#once('a side does not say what it serves', { error });
    }
  }

  #tell(found: number, missing: readonly string[]): void {
    this.#done = found === this.#config.resources.length;
    if (!this.#done) this.#once('resources are not served on both sides yet', { resources: missing.join(', ') });
  }

  #once(message: string, fields: Readonly<Record<string, unknown>>): void {
    const text = `${message} ${String(fields.error ?? fields.resources)}`;
    if (this.#told !== text) this.#log.warn(message, fields);
    this.#told = text;
  }
}

function isSame(a: SyncedResource, b: SyncedResource): boolean {
  return resourceText(a) === resourceText(b) && a.version === b.version;
}
