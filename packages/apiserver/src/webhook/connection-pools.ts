import { createHash } from 'node:crypto';
import { Agent } from 'node:https';
import {
  WEBHOOK_CONNECTIONS_MAX,
  WEBHOOK_IDLE_CONNECTIONS_MAX,
  WEBHOOK_IDLE_MS,
  WEBHOOK_POOLS_MAX,
} from '../limits.js';
import { type AddressPolicy, publicLookup } from './address-policy.js';

/**
 * Kept connections to webhooks, one pool per set of trusted authorities, so that a connection that was proven by one
 * CA bundle never serves another. A pool bounds connections per host, so one slow webhook does not hold up others.
 */
export class ConnectionPools {
  readonly #pools = new Map<string, Agent>();
  readonly #policy: AddressPolicy;

  constructor(policy: AddressPolicy) {
    this.#policy = policy;
  }

  of(ca: string | undefined): Agent {
    const key = ca === undefined ? '' : createHash('sha256').update(ca).digest('base64');
    const pool = this.#pools.get(key) ?? this.#make(ca);
    // Taken out and put back, a pool becomes the youngest.
    this.#pools.delete(key);
    this.#pools.set(key, pool);
    this.#letGo();
    return pool;
  }

  close(): void {
    for (const pool of this.#pools.values()) pool.destroy();
    this.#pools.clear();
  }

  /** As in Go, whatever is in a bundle is believed: also a server's own certificate, or an authority that another signed. */
  #make(ca: string | undefined): Agent {
    return new Agent({
      keepAlive: true,
      keepAliveMsecs: WEBHOOK_IDLE_MS,
      timeout: WEBHOOK_IDLE_MS,
      maxSockets: WEBHOOK_CONNECTIONS_MAX,
      maxFreeSockets: WEBHOOK_IDLE_CONNECTIONS_MAX,
      scheduling: 'lifo',
      ALPNProtocols: ['http/1.1'],
      ...(ca === undefined ? {} : { ca, allowPartialTrustChain: true }),
      ...(this.#policy === 'public' ? { lookup: publicLookup } : {}),
    });
  }

  /** Only idle connections are closed; calls under way keep theirs until they end. */
  #letGo(): void {
    for (const [key, pool] of this.#pools) {
      if (this.#pools.size <= WEBHOOK_POOLS_MAX) return;
      this.#pools.delete(key);
      for (const sockets of Object.values(pool.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
    }
  }
}
