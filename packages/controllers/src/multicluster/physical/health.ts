import { StatusError } from '@kcp/apimachinery/errors/status-error';
import { isObject } from '@kcp/apimachinery/json/value';
import { readString } from '@kcp/apimachinery/schema/read';
import { type Clock, pause, type Random } from '@kcp/client/clock';
import type { Client } from '@kcp/client/rest/client';
import { decodeJson } from '@kcp/client/rest/decode';
import { HEALTH_FAILURES, HEALTH_INTERVAL_MS, HEALTH_JITTER, HEALTH_RETRY_MS, HEALTH_TIMEOUT_MS } from '../limits.js';

/** What is known of a physical cluster's life. `version` is the server's `gitVersion`. */
export type Health =
  | { readonly state: 'unknown' }
  | { readonly state: 'alive'; readonly version: string }
  | { readonly state: 'lost'; readonly reason: LossReason; readonly message: string };

/** Stands in the Ready condition. */
export type LossReason =
  | 'Unreachable'
  | 'Timeout'
  | 'ServerCertificateUntrusted'
  | 'ServerCertificateExpired'
  | 'Unauthorized'
  | 'Forbidden'
  | 'InvalidAnswer';

export interface HealthOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  /** Hears of every change. */
  readonly onChange: (health: Health) => void;
  /** Called when the cluster is silent: its connection may hang. */
  readonly onSilence: () => void;
}

/**
 * Looks again and again whether a physical cluster lives. A server says so by telling its version to whoever we are
 * there: a connection alone proves nothing. Only a second failure in a row counts.
 */
export class HealthWatch {
  readonly #options: HealthOptions;
  readonly #stop = new AbortController();
  #health: Health = { state: 'unknown' };
  #hurry: (() => void) | undefined;

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  get health(): Health {
    return this.#health;
  }

  start(): void {
    void this.#run(this.#stop.signal);
  }

  stop(): void {
    this.#stop.abort();
  }

  /** Looks now: something hints at a change. */
  hurry(): void {
    this.#hurry?.();
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#take(await this.#look(signal), signal);
      await this.#rest(signal);
    }
  }

  async #look(signal: AbortSignal): Promise<Health> {
    let health = await this.#ask(signal);
    for (let failures = 1; health.state === 'lost' && failures < HEALTH_FAILURES && !signal.aborted; failures++) {
      if (health.reason === 'Timeout') this.#options.onSilence();
      await pause(this.#options.clock, HEALTH_RETRY_MS, signal);
      health = await this.#ask(signal);
    }
    if (health.state === 'lost' && health.reason === 'Timeout') this.#options.onSilence();
    return health;
  }

  async #ask(outer: AbortSignal): Promise<Health> {
    const silence = new AbortController();
    const onAbort = () => silence.abort(outer.reason);
    outer.addEventListener('abort', onAbort, { once: true });
    const cancel = this.#options.clock.after(HEALTH_TIMEOUT_MS, () => silence.abort(new Silence()));
    try {
      const body = await this.#options.client.read('/version', 'application/json', { signal: silence.signal });
      const answer = decodeJson(body);
      const version = isObject(answer) ? readString(answer, 'gitVersion') : '';
      if (version !== '') return { state: 'alive', version };
      return { state: 'lost', reason: 'InvalidAnswer', message: 'what answers there is no Kubernetes API server' };
    } catch (error) {
      return lossOf(error);
    } finally {
      cancel();
      outer.removeEventListener('abort', onAbort);
    }
  }

  #take(health: Health, signal: AbortSignal): void {
    const before = this.#health;
    if (signal.aborted || isSame(before, health)) return;
    this.#health = health;
    this.#options.onChange(health);
  }

  #rest(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    const early = new AbortController();
    const onAbort = () => early.abort();
    signal.addEventListener('abort', onAbort, { once: true });
    this.#hurry = onAbort;
    return pause(clock, HEALTH_INTERVAL_MS * (1 + HEALTH_JITTER * random()), early.signal).then(() => {
      this.#hurry = undefined;
      signal.removeEventListener('abort', onAbort);
    });
  }
}

/** The cluster said nothing for as long as we listen. */
class Silence extends Error {
  constructor() {
    super(`no answer within ${HEALTH_TIMEOUT_MS} ms`);
  }
}

function isSame(one: Health, other: Health): boolean {
  if (one.state === 'lost' && other.state === 'lost') return one.reason === other.reason;
  if (one.state === 'alive' && other.state === 'alive') return one.version === other.version;
  return one.state === other.state;
}

/** OpenSSL's names of what is wrong with the certificate of a server. */
const EXPIRED = /CERT_HAS_EXPIRED|certificate has expired/;
const UNTRUSTED =
  /UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|SELF_SIGNED|DEPTH_ZERO|ALTNAME|self-signed certificate|unable to (?:verify|get)|does not match certificate/;

/** Why a request failed, as a reason and for people. */
export function lossOf(error: unknown): Extract<Health, { state: 'lost' }> {
  const message = error instanceof Error ? error.message : String(error);
  return { state: 'lost', reason: reasonOf(error), message: firstLine(message) || reasonOf(error) };
}

function reasonOf(error: unknown): LossReason {
  if (error instanceof Silence) return 'Timeout';
  if (error instanceof StatusError) {
    if (error.code === 401) return 'Unauthorized';
    if (error.code === 403) return 'Forbidden';
    return error.code >= 500 ? 'Unreachable' : 'InvalidAnswer';
  }
  const text = chain(error);
  if (EXPIRED.test(text)) return 'ServerCertificateExpired';
  if (UNTRUSTED.test(text)) return 'ServerCertificateUntrusted';
  if (/is no JSON|longer than/.test(text)) return 'InvalidAnswer';
  return /no answer within|does not answer/.test(text) ? 'Timeout' : 'Unreachable';
}

/** Codes and messages of an error and of what caused it. */
function chain(error: unknown): string {
  const parts: string[] = [];
  for (let at: unknown = error; at instanceof Error && parts.length < 10; at = at.cause) {
    parts.push(at.message, 'code' in at ? String(at.code) : '');
  }
  return parts.join(' ');
}

const MESSAGE_LENGTH_MAX = 1_000;

function firstLine(text: string): string {
  return (text.split(/\r?\n/, 1)[0] ?? '').slice(0, MESSAGE_LENGTH_MAX);
}
