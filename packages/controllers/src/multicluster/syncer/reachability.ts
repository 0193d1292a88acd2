import { StatusError } from '@kcp/apimachinery/errors/status-error';
import { backoffDelay } from '@kcp/client/backoff';
import { pause } from '@kcp/client/clock';
import type { Client } from '@kcp/client/rest/client';
import { TransportError } from '@kcp/client/transport/transport';
import type { Environment } from '../../controller/environment.js';
import { PROBE_BACKOFF, PROBE_MS } from './limits.js';

const NAMESPACES = { group: '', version: 'v1', resource: 'namespaces' };

/** Whether a server answers. It is asked only after it seemed lost, and then until it answers. */
export class Reachability {
  readonly #environment: Environment;
  readonly #name: string;
  readonly #onBack: () => void;
  readonly #stop = new AbortController();
  #asking = false;
  #away = false;

  /** `onBack` is called when it answers again after it did not. */
  constructor(environment: Environment, name: string, onBack: () => void) {
    this.#environment = environment;
    this.#name = name;
    this.#onBack = onBack;
  }

  get away(): boolean {
    return this.#away;
  }

  /** Somebody failed to reach it. */
  suspect(): void {
    if (!this.#asking && !this.#stop.signal.aborted) void this.#ask();
  }

  stop(): void {
    this.#stop.abort();
  }

  async #ask(): Promise<void> {
    const { client, clock, random, log } = this.#environment;
    const { signal } = this.#stop;
    this.#asking = true;
    for (let failures = 1; !(await answers(client, signal)); failures++) {
      if (!this.#away) log.warn('a server does not answer', { server: this.#name });
      this.#away = true;
      await pause(clock, backoffDelay(PROBE_BACKOFF, failures, random), signal);
      if (signal.aborted) return;
    }
    this.#asking = false;
    if (!this.#away) return;
    this.#away = false;
    log.info('a server answers again', { server: this.#name });
    this.#onBack();
  }
}

/** True for failures that may mean that the server is not there. */
export function seemsLost(error: unknown): boolean {
  if (error instanceof StatusError) return error.code >= 500;
  return error instanceof TransportError || (error instanceof Error && error.name === 'TimeoutError');
}

/** Any answer will do, a refusal too. */
async function answers(client: Client, stop: AbortSignal): Promise<boolean> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(PROBE_MS)]);
  try {
    await client.list(NAMESPACES, { limit: 1, metadataOnly: true, signal });
    return true;
  } catch (error) {
    return error instanceof StatusError && error.code < 500;
  }
}
