import { hasReason } from '@kcp/apimachinery/errors/status-error';
import { keyText, type ObjectKey } from '@kcp/client/informer/object-key';
import type { Client } from '@kcp/client/rest/client';
import type { Environment } from '../../controller/environment.js';
import { conditionStatus } from '../apis/views.js';
import { SYNCER_LOOK_MS, SYNCER_PATIENCE_MS } from '../limits.js';
import type { PhysicalCluster } from '../physical/physical-cluster.js';
import { releaseObjects } from '../syncer/strays.js';
import { resourceText, type SyncedResource } from '../syncer/synced-resource.js';
import { Syncer } from '../syncer/syncer.js';
import { ready, type SyncMode, type SyncSite, type SyncState } from './sync-mode.js';

interface Running {
  readonly syncer: Syncer;
  readonly physical: PhysicalCluster;
  resources: readonly SyncedResource[];
  /** Since when not everything is synced; undefined: it is. */
  waitingSince: number | undefined;
}

/** Syncers run here, one per Cluster, over the connection that the controller has anyway. */
export class PushMode implements SyncMode {
  readonly #environment: Environment;
  readonly #running = new Map<string, Running>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  async ensure(site: SyncSite, apis: readonly SyncedResource[], signal: AbortSignal): Promise<SyncState> {
    const running = await this.#run(site);
    if (running instanceof RangeError) {
      return { ready: ready('False', 'ErrorStartingSyncer', running.message), synced: [] };
    }
    const gone = running.resources.filter((known) => !apis.some((api) => resourceText(api) === resourceText(known)));
    running.syncer.setResources(apis);
    running.resources = apis;
    await release(this.#environment.client.in(site.key.cluster), gone, site.key.name, signal);
    return this.#state(site, running);
  }

  async suspend(key: ObjectKey): Promise<void> {
    const running = this.#running.get(keyText(key));
    this.#running.delete(keyText(key));
    await running?.syncer.stop();
  }

  async remove(
    key: ObjectKey,
    _physical: PhysicalCluster | undefined,
    apis: readonly SyncedResource[],
    signal: AbortSignal,
  ): Promise<void> {
    await this.suspend(key);
    await release(this.#environment.client.in(key.cluster), apis, key.name, signal);
  }

  async stop(): Promise<void> {
    const all = [...this.#running.values()];
    this.#running.clear();
    await Promise.all(all.map(({ syncer }) => syncer.stop()));
  }

  /** The syncer of a Cluster; a new one when its connection is. RangeError: there can be none. */
  async #run({ key, physical }: SyncSite): Promise<Running | RangeError> {
    const known = this.#running.get(keyText(key));
    if (known?.physical === physical) return known;
    await this.suspend(key);
    try {
      const { client, ...parts } = this.#environment;
      const upstream = client.in(key.cluster);
      const syncer = new Syncer({ ...parts, upstream, downstream: physical.client, location: key.name });
      const running: Running = { syncer, physical, resources: [], waitingSince: undefined };
      this.#running.set(keyText(key), running);
      syncer.start();
      return running;
    } catch (error) {
      if (error instanceof RangeError) return error;
      throw error;
    }
  }

  #state({ cluster }: SyncSite, running: Running): SyncState {
    const synced = running.resources;
    const state = running.syncer.state;
    const waiting = synced.map(resourceText).filter((name) => state.get(name)?.synced !== true);
    if (waiting.length === 0) {
      running.waitingSince = undefined;
      return { ready: ready('True', synced.length === 0 ? 'NothingToSync' : 'SyncerReady'), synced };
    }
    const now = this.#environment.clock.now();
    running.waitingSince ??= now;
    const again = { afterMs: SYNCER_LOOK_MS };
    if (now - running.waitingSince >= SYNCER_PATIENCE_MS) {
      const why = waiting.map((name) => `${name}: ${state.get(name)?.error ?? 'not synced yet'}`).join('\n');
      return { ready: ready('False', 'SyncerNotReady', why), synced, again };
    }
    // A type more is nobody's loss.
    const before = conditionStatus(cluster.conditions, 'Ready');
    return {
      ready: before === 'True' ? ready('True', 'SyncerReady') : ready('Unknown', 'SyncerInstalling'),
      synced,
      again,
    };
  }
}

/** Lets go of what was held for a location; of types that are served no longer there is nothing. */
export async function release(
  client: Client,
  resources: readonly SyncedResource[],
  location: string,
  signal: AbortSignal,
): Promise<void> {
  for (const resource of resources) {
    try {
      await releaseObjects(client, [resource], location, signal);
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }
}
