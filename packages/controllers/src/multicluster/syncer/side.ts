import { setMaxListeners } from 'node:events';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { Client } from '@kcp/client/rest/client';
import { TransportError } from '@kcp/client/transport/transport';
import type { Environment } from '../../controller/environment.js';
import { SIDE_REQUESTS_BURST, SIDE_REQUESTS_PER_SECOND, SIGNAL_LISTENERS_MAX, SYNC_REQUEST_MS } from './limits.js';
import { Pace } from './pace.js';
import { Reachability, seemsLost } from './reachability.js';

/** One request to a side. */
export type Ask<T> = (client: Client, signal: AbortSignal) => Promise<T>;

/** One of the two servers between which is synced: requests at a measured pace, and whether it can be reached. */
export class Side {
  readonly environment: Environment;
  /** Under which objects of this side are kept. */
  readonly cluster: ClusterName;
  readonly #pace: Pace;
  readonly #reachability: Reachability;

  constructor(environment: Environment, name: string, cluster: ClusterName, onBack: () => void) {
    this.environment = environment;
    this.cluster = cluster;
    this.#pace = new Pace(environment.clock, SIDE_REQUESTS_PER_SECOND, SIDE_REQUESTS_BURST);
    this.#reachability = new Reachability(environment, name, onBack);
  }

  /** It does not answer at present; `onBack` will tell. */
  get away(): boolean {
    return this.#reachability.away;
  }

  /** Sends a request. Rejects as the client does, and with TransportError after SYNC_REQUEST_MS. */
  async ask<T>(signal: AbortSignal, request: Ask<T>): Promise<T> {
    await this.#pace.pass();
    signal.throwIfAborted();
    const { client, clock } = this.environment;
    // Ten thousands of signals of their own timers would live on until those end.
    const stop = new AbortController();
    const abort = () => stop.abort(signal.reason);
    const cancel = clock.after(SYNC_REQUEST_MS, () =>
      stop.abort(new TransportError('the server did not answer in time')),
    );
    setMaxListeners(SIGNAL_LISTENERS_MAX, signal);
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await request(client, stop.signal);
    } catch (error) {
      this.failed(error);
      throw error;
    } finally {
      cancel();
      signal.removeEventListener('abort', abort);
    }
  }

  /** Takes note of a failure; it may mean that the server is not there. */
  failed(error: unknown): void {
    if (seemsLost(error)) this.#reachability.suspect();
  }

  stop(): void {
    this.#reachability.stop();
  }
}
