import { keyText, type ObjectKey } from '@kcp/client/informer/object-key';
import type { Client } from '@kcp/client/rest/client';
import type { Environment } from '../../controller/environment.js';
import { conditionStatus } from '../apis/views.js';
import { release } from '../cluster/push-mode.js';
import { ready, type SyncMode, type SyncSite, type SyncState } from '../cluster/sync-mode.js';
import { SYNCER_LOOK_MS, SYNCER_PULL_PATIENCE_MS } from '../limits.js';
import type { PhysicalCluster } from '../physical/physical-cluster.js';
import type { SyncedResource } from '../syncer/synced-resource.js';
import { applyAll } from './apply-all.js';
import { DeploymentWatch } from './deployment-watch.js';
import { digest, type Installation, manifest, uninstall } from './installation.js';
import { syncerFrom } from './syncer-names.js';
import { grantAbove, kubeconfigFor, revokeAbove, type UpstreamAccess } from './upstream-identity.js';

export interface PullModeOptions {
  readonly environment: Environment;
  readonly image: string;
  /** Where syncers reach the server; undefined as long as that is not known. */
  readonly upstream: () => UpstreamAccess | undefined;
  /** Has a Cluster looked at again. */
  readonly look: (key: ObjectKey) => void;
}

interface Installed {
  readonly physical: PhysicalCluster;
  readonly watch: DeploymentWatch;
  /** Of what was installed last. */
  digest: string;
  /** Since when the syncer does not run; undefined: it does. */
  waitingSince: number | undefined;
}

/** Syncers run in the physical clusters, each with an account of its own above and below. */
export class PullMode implements SyncMode {
  readonly #options: PullModeOptions;
  readonly #installed = new Map<string, Installed>();
  /** For which types accounts were made above, as digests. */
  readonly #granted = new Map<string, string>();

  constructor(options: PullModeOptions) {
    this.#options = options;
  }

  async ensure(site: SyncSite, apis: readonly SyncedResource[], signal: AbortSignal): Promise<SyncState> {
    if (apis.length === 0) return this.#withdraw(site, signal);
    const upstream = this.#options.upstream();
    const client = this.#options.environment.client.in(site.key.cluster);
    await this.#grant(client, site.key, apis, signal);
    const kubeconfig = upstream && (await kubeconfigFor(client, site.key, upstream, signal));
    if (kubeconfig === undefined) {
      this.#granted.delete(keyText(site.key));
      return waiting(site, apis);
    }
    await this.#install(site, { key: site.key, image: this.#options.image, kubeconfig, resources: apis }, signal);
    return this.#state(site, apis);
  }

  /** A syncer in a physical cluster goes on by itself. */
  async suspend(key: ObjectKey): Promise<void> {
    this.#installed.get(keyText(key))?.watch.stop();
    this.#installed.delete(keyText(key));
  }

  async remove(
    key: ObjectKey,
    physical: PhysicalCluster | undefined,
    apis: readonly SyncedResource[],
    signal: AbortSignal,
  ): Promise<void> {
    await this.suspend(key);
    const client = this.#options.environment.client.in(key.cluster);
    this.#granted.delete(keyText(key));
    // First the account: a syncer that cannot be stopped can do nothing more.
    await revokeAbove(client, key.name, signal);
    if (physical !== undefined) await uninstall(physical.client, key, signal);
    await release(client, apis, key.name, signal);
  }

  async stop(): Promise<void> {
    for (const { watch } of this.#installed.values()) watch.stop();
    this.#installed.clear();
  }

  async #grant(client: Client, key: ObjectKey, apis: readonly SyncedResource[], signal: AbortSignal): Promise<void> {
    const wanted = digest(JSON.stringify(apis));
    if (this.#granted.get(keyText(key)) === wanted) return;
    await grantAbove(client, key.name, apis, signal);
    this.#granted.set(keyText(key), wanted);
  }

  /** Nothing is to be synced: nothing is left there. */
  async #withdraw({ key, physical, cluster }: SyncSite, signal: AbortSignal): Promise<SyncState> {
    if (this.#installed.has(keyText(key)) || cluster.syncedResources.length > 0) {
      await this.remove(key, physical, [], signal);
    }
    return { ready: ready('True', 'NothingToSync'), synced: [] };
  }

  async #install({ key, physical }: SyncSite, installation: Installation, signal: AbortSignal): Promise<void> {
    const objects = manifest(installation);
    const wanted = digest(JSON.stringify(objects));
    const known = this.#installed.get(keyText(key));
    const stands = known?.physical === physical && known.digest === wanted && known.watch.state.state !== 'missing';
    if (stands) return;
    await applyAll(physical.client, objects, signal);
    if (known?.physical === physical) {
      known.digest = wanted;
      return;
    }
    await this.suspend(key);
    const { clock } = this.#options.environment;
    const onChange = () => this.#options.look(key);
    const watch = new DeploymentWatch({ client: physical.client, clock, name: syncerFrom(key.cluster), onChange });
    this.#installed.set(keyText(key), { physical, watch, digest: wanted, waitingSince: undefined });
  }

  #state(site: SyncSite, synced: readonly SyncedResource[]): SyncState {
    const installed = this.#installed.get(keyText(site.key));
    const state = installed?.watch.state;
    if (installed === undefined || state === undefined) return waiting(site, synced);
    if (state.state === 'running') {
      installed.waitingSince = undefined;
      return { ready: ready('True', 'SyncerReady'), synced };
    }
    const now = this.#options.environment.clock.now();
    installed.waitingSince ??= now;
    const left = installed.waitingSince + SYNCER_PULL_PATIENCE_MS - now;
    if (left > 0) return { ...waiting(site, synced), again: { afterMs: left } };
    const message = state.state === 'waiting' ? state.message : 'its Deployment is not there';
    return { ready: ready('False', 'SyncerNotReady', message), synced };
  }
}

/** It is being installed; a cluster that was ready stays so for a while. */
function waiting({ cluster }: SyncSite, synced: readonly SyncedResource[]): SyncState {
  const again = { afterMs: SYNCER_LOOK_MS };
  if (conditionStatus(cluster.conditions, 'Ready') === 'True')
    return { ready: ready('True', 'SyncerReady'), synced, again };
  return { ready: ready('Unknown', 'SyncerInstalling'), synced, again };
}
