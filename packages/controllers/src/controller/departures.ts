import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import { DEPARTURE_WATCHES_MAX } from '../limits.js';
import type { Environment } from './environment.js';

/** Objects that hold up a deletion. */
export interface Holding {
  readonly cluster: ClusterName;
  readonly resource: GroupVersionResource;
  /** Empty: all namespaces. */
  readonly namespace: string;
  /** They were there at this resourceVersion. */
  readonly resourceVersion: string;
}

/** `gone`: one of them went. `changed`: anything else, the end of the watch included. */
export type DepartureHandler = (what: 'gone' | 'changed') => void;

/**
 * Watches what holds up deletions, so that nobody has to look again and again. Each name waits for the first event
 * after which it is told, once; DEPARTURE_WATCHES_MAX watches are open at the most.
 */
export class Departures {
  readonly #environment: Environment;
  readonly #waiting = new Map<string, AbortController>();
  #open = 0;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** Waits in the name of a deletion, instead of what it waited for before. */
  wait(name: string, holdings: readonly Holding[], onDeparture: DepartureHandler): void {
    this.forget(name);
    if (holdings.length === 0 || this.#open + holdings.length > DEPARTURE_WATCHES_MAX) return;
    const waiting = new AbortController();
    this.#waiting.set(name, waiting);
    const tell: DepartureHandler = (what) => {
      if (waiting.signal.aborted) return;
      this.forget(name);
      onDeparture(what);
    };
    for (const holding of holdings) void this.#watch(holding, waiting.signal, tell);
  }

  /** The deletion no longer waits. */
  forget(name: string): void {
    this.#waiting.get(name)?.abort();
    this.#waiting.delete(name);
  }

  stop(): void {
    for (const name of [...this.#waiting.keys()]) this.forget(name);
  }

  async #watch(holding: Holding, signal: AbortSignal, tell: DepartureHandler): Promise<void> {
    const { cluster, resource, namespace, resourceVersion } = holding;
    const options = { namespace, resourceVersion, metadataOnly: true, signal };
    this.#open++;
    try {
      for await (const { type } of this.#environment.client.in(cluster).watchOnce(resource, options)) {
        if (type !== 'BOOKMARK') return tell(type === 'DELETED' ? 'gone' : 'changed');
      }
      tell('changed');
    } catch (error) {
      if (signal.aborted) return;
      this.#environment.log.debug(2, 'a watch for what holds up a deletion was lost', { cluster, error });
      tell('changed');
    } finally {
      this.#open--;
    }
  }
}
