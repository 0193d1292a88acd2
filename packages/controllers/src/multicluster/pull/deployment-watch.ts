import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readNumber, readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import { type Clock, pause } from '@kcp/client/clock';
import type { Client } from '@kcp/client/rest/client';
import { SYNCER_WATCH_RETRY_MS } from '../limits.js';
import { DEPLOYMENTS, SYNCER_NAMESPACE } from './syncer-names.js';

/** How a syncer's Deployment is. */
export type DeploymentState =
  | { readonly state: 'unknown' | 'missing' | 'running' }
  | { readonly state: 'waiting'; readonly message: string };

export interface DeploymentWatchOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly name: string;
  readonly onChange: () => void;
}

/** Follows the Deployment of a syncer in a physical cluster. */
export class DeploymentWatch {
  readonly #options: DeploymentWatchOptions;
  readonly #stop = new AbortController();
  #state: DeploymentState = { state: 'unknown' };

  constructor(options: DeploymentWatchOptions) {
    this.#options = options;
    void this.#run(this.#stop.signal);
  }

  get state(): DeploymentState {
    return this.#state;
  }

  stop(): void {
    this.#stop.abort();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { client, clock, name } = this.#options;
    const options = { namespace: SYNCER_NAMESPACE, fieldSelector: `metadata.name=${name}` };
    while (!signal.aborted) {
      try {
        const { items, resourceVersion } = await client.list(DEPLOYMENTS, { ...options, signal });
        this.#take(items[0]);
        for await (const { type, object } of client.watch(DEPLOYMENTS, { ...options, resourceVersion, signal })) {
          if (type !== 'BOOKMARK') this.#take(type === 'DELETED' ? undefined : object);
        }
      } catch (error) {
        if (signal.aborted) return;
        const message = error instanceof Error ? error.message : String(error);
        this.#tell({ state: 'waiting', message: `its Deployment cannot be watched: ${message}` });
      }
      await pause(clock, SYNCER_WATCH_RETRY_MS, signal);
    }
  }

  #take(deployment: KubeObject | undefined): void {
    this.#tell(deployment === undefined ? { state: 'missing' } : stateOf(deployment));
  }

  #tell(state: DeploymentState): void {
    this.#state = state;
    this.#options.onChange();
  }
}

function stateOf(deployment: KubeObject): DeploymentState {
  const status = readObject(deployment, 'status') ?? {};
  const isCurrent = (readNumber(status, 'observedGeneration') ?? 0) >= (deployment.metadata.generation ?? 0);
  const updated = readNumber(status, 'updatedReplicas') ?? 0;
  const available = readNumber(status, 'availableReplicas') ?? 0;
  if (isCurrent && available >= 1 && updated >= 1) return { state: 'running' };
  const why = readObjects(status, 'conditions').find((one) => readString(one, 'type') === 'Available');
  return { state: 'waiting', message: readString(why ?? {}, 'message') || 'its pod is not available' };
}
