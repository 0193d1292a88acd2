import { type Clock, pause, type Random } from '@kcp/client/clock';
import type { ServerAccess } from '@kcp/client/kubeconfig/resolve-context';
import { Client } from '@kcp/client/rest/client';
import { HttpsTransport } from '@kcp/client/transport/https-transport';
import type { Transport } from '@kcp/client/transport/transport';
import { WATCHED_WITHIN_MS } from '../limits.js';
import { type Health, HealthWatch } from './health.js';
import { PhysicalTransport } from './physical-transport.js';
import { ServedApisWatch } from './served-apis-watch.js';

export interface PhysicalClusterOptions {
  readonly access: ServerAccess;
  readonly clock: Clock;
  readonly random: Random;
  /** Its health changed. */
  readonly onHealth: () => void;
  /** What it serves may have changed. */
  readonly onServedApis: () => void;
}

/** The connection to one physical cluster, shared by everything that is done there. */
export class PhysicalCluster {
  /** Addresses whatever the kubeconfig's server means. Its requests end in time. */
  readonly client: Client;
  readonly #transport: PhysicalTransport;
  readonly #health: HealthWatch;
  readonly #served: ServedApisWatch;
  readonly #clock: Clock;
  #stopped = false;
  #wasLost = false;

  constructor({ access, clock, random, onHealth, onServedApis }: PhysicalClusterOptions) {
    this.#clock = clock;
    this.#transport = new PhysicalTransport(
      (): Transport => new HttpsTransport(access),
      clock,
      () => this.#health.hurry(),
    );
    this.client = new Client({ transport: this.#transport, clock, random, userAgent: 'kcp-cluster-controller' });
    this.#health = new HealthWatch({
      client: this.client,
      clock,
      random,
      onChange: (health) => {
        if (health.state === 'alive' && this.#wasLost) this.#served.renew();
        this.#wasLost = health.state === 'lost';
        onHealth();
      },
      onSilence: () => this.#transport.renew(),
    });
    this.#served = new ServedApisWatch({ client: this.client, clock, random, onChange: onServedApis });
  }

  get health(): Health {
    return this.#health.health;
  }

  start(): void {
    const late = new AbortController();
    // Whoever hears that it lives looks at its APIs; changes from then on are watched already.
    const watched = Promise.race([this.#served.start(), pause(this.#clock, WATCHED_WITHIN_MS, late.signal)]);
    void watched.then(() => {
      late.abort();
      this.#served.isLookedAt = true;
      if (!this.#stopped) this.#health.start();
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#health.stop();
    this.#served.stop();
    await this.#transport.close();
  }
}
