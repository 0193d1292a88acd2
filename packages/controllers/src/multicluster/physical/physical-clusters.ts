import type { Clock, Random } from '@kcp/client/clock';
import { keyText, type ObjectKey } from '@kcp/client/informer/object-key';
import { checkKubeconfig } from './checked-kubeconfig.js';
import { PhysicalCluster } from './physical-cluster.js';

interface Connected {
  readonly kubeconfig: string;
  readonly physical: PhysicalCluster;
}

export interface PhysicalClustersOptions {
  readonly clock: Clock;
  readonly random: Random;
}

/** Hears of a physical cluster, by the key of its Cluster. */
export interface PhysicalListener {
  readonly onHealth?: (key: ObjectKey) => void;
  readonly onServedApis?: (key: ObjectKey) => void;
}

/** The connections to all physical clusters, one per Cluster, by logical cluster and name. */
export class PhysicalClusters {
  readonly #options: PhysicalClustersOptions;
  readonly #connected = new Map<string, Connected>();
  readonly #listeners: PhysicalListener[] = [];

  constructor(options: PhysicalClustersOptions) {
    this.#options = options;
  }

  listen(listener: PhysicalListener): void {
    this.#listeners.push(listener);
  }

  get(key: ObjectKey): PhysicalCluster | undefined {
    return this.#connected.get(keyText(key))?.physical;
  }

  /** Connects, or connects anew when the kubeconfig is another one. Throws KubeconfigRefusal; then nothing is connected. */
  connect(key: ObjectKey, kubeconfig: string): PhysicalCluster {
    const known = this.#connected.get(keyText(key));
    if (known?.kubeconfig === kubeconfig) return known.physical;
    this.disconnect(key);
    const physical = new PhysicalCluster({
      ...this.#options,
      access: checkKubeconfig(kubeconfig, this.#options.clock.now()),
      onHealth: () => this.#listeners.forEach(({ onHealth }) => void onHealth?.(key)),
      onServedApis: () => this.#listeners.forEach(({ onServedApis }) => void onServedApis?.(key)),
    });
    this.#connected.set(keyText(key), { kubeconfig, physical });
    physical.start();
    return physical;
  }

  disconnect(key: ObjectKey): void {
    const known = this.#connected.get(keyText(key));
    this.#connected.delete(keyText(key));
    void known?.physical.stop();
  }

  async stop(): Promise<void> {
    const all = [...this.#connected.values()];
    this.#connected.clear();
    await Promise.all(all.map(({ physical }) => physical.stop()));
  }
}
