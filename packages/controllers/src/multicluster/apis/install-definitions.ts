import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import { backoffDelay } from '@kcp/client/backoff';
import { pause } from '@kcp/client/clock';
import type { Environment } from '../../controller/environment.js';
import { DEFINITIONS } from '../../definition/definition-informer.js';
import { INSTALL_BACKOFF } from '../limits.js';
import { MULTICLUSTER_DEFINITIONS } from './definitions/all-definitions.js';

const FIELD_MANAGER = 'kcp-cluster-controller';

/** Brings the kinds of `config/` into logical clusters, once, and tries until it has succeeded. */
export class DefinitionInstaller {
  readonly #environment: Environment;
  readonly #clusters: readonly ClusterName[];
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(environment: Environment, clusters: readonly ClusterName[]) {
    this.#environment = environment;
    this.#clusters = clusters;
  }

  start(): void {
    this.#running ??= Promise.all(this.#clusters.map((cluster) => this.#install(cluster))).then(() => undefined);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #install(cluster: ClusterName): Promise<void> {
    const { client, clock, random, log } = this.#environment;
    const { signal } = this.#stop;
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        for (const definition of MULTICLUSTER_DEFINITIONS) {
          await client.in(cluster).apply(DEFINITIONS, definition, { fieldManager: FIELD_MANAGER, force: true, signal });
        }
        return;
      } catch (error) {
        if (signal.aborted) return;
        log.warn('the kinds for physical clusters could not be installed', { cluster, error });
        await pause(clock, backoffDelay(INSTALL_BACKOFF, failures, random), signal);
      }
    }
  }
}
