import { type Clock, pause } from '../clock.js';
import { RETRIES_MAX, RETRY_AFTER_MS_MAX } from '../limits.js';
import { type Answer, readAll, type StreamedAnswer, type Transport } from '../transport/transport.js';
import { failureOf } from './failure.js';

/** A request before it has a transport. */
export interface Outgoing {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** For requests that nobody calls off. */
const NEVER = new AbortController().signal;

/** Sends requests, and sends them again when the server is busy and says when to come back. */
export class Exchange {
  readonly #transport: Transport;
  readonly #clock: Clock;

  constructor(transport: Transport, clock: Clock) {
    this.#transport = transport;
    this.#clock = clock;
  }

  /** The answer to a request that was granted. Rejects with StatusError, TransportError, or the signal's reason. */
  async request(outgoing: Outgoing): Promise<Answer> {
    const call = { ...outgoing, body: outgoing.body, signal: outgoing.signal ?? NEVER };
    for (let retries = 0; ; retries++) {
      const answer = await this.#transport.request(call);
      if (answer.status < 400) return answer;
      if (!(await this.#mayRetry(answer, retries, call.signal))) throw failureOf(answer);
    }
  }

  /** As `request`, but the body is read as it comes. */
  async stream(outgoing: Outgoing): Promise<StreamedAnswer> {
    const call = { ...outgoing, body: outgoing.body, signal: outgoing.signal ?? NEVER };
    for (let retries = 0; ; retries++) {
      const answer = await this.#transport.stream(call);
      if (answer.status < 400) return answer;
      const body = await readAll(answer.body);
      if (!(await this.#mayRetry(answer, retries, call.signal))) throw failureOf({ ...answer, body });
    }
  }

  /** Waits for the time that the server named; false when it named none or the patience is at its end. */
  async #mayRetry(answer: Pick<Answer, 'status' | 'headers'>, retries: number, signal: AbortSignal): Promise<boolean> {
    const after = answer.headers['retry-after'];
    const busy = answer.status === 429 || answer.status === 503;
    if (!busy || after === undefined || !/^\d+$/.test(after) || retries >= RETRIES_MAX) return false;
    await pause(this.#clock, Math.min(Number(after) * 1_000, RETRY_AFTER_MS_MAX), signal);
    signal.throwIfAborted();
    return true;
  }
}
