import { setMaxListeners } from 'node:events';
import { type Clock, pause } from '@kcp/client/clock';
import {
  type Answer,
  type Call,
  type StreamedAnswer,
  type Transport,
  TransportError,
} from '@kcp/client/transport/transport';
import { CLOSE_MS, PHYSICAL_ANSWER_BYTES_MAX, PHYSICAL_REQUEST_MS } from '../limits.js';

/**
 * A transport to a server that nobody here answers for: requests end in time, answers are only so long, and everything
 * under way can be given up at once, so that a connection that hangs is replaced instead of waited for.
 */
export class PhysicalTransport implements Transport {
  readonly #open: () => Transport;
  readonly #clock: Clock;
  readonly #onTrouble: () => void;
  #inner: Transport;
  #generation = manyListeners();

  /** `onTrouble` hears of requests and streams that failed, not of answers that refuse. */
  constructor(open: () => Transport, clock: Clock, onTrouble: () => void) {
    this.#open = open;
    this.#clock = clock;
    this.#onTrouble = onTrouble;
    this.#inner = open();
  }

  /** Gives up what is under way, which fails with TransportError, and begins with a new connection. */
  renew(): void {
    const old = this.#inner;
    this.#inner = this.#open();
    this.#giveUp('the cluster does not answer');
    void old.close();
  }

  async request(call: Call): Promise<Answer> {
    const scope = this.#scope(call.signal, PHYSICAL_REQUEST_MS);
    try {
      const { status, headers, body } = await this.#inner.stream({ ...call, signal: scope.signal });
      return { status, headers, body: await readBounded(body) };
    } catch (error) {
      if (!call.signal.aborted) this.#onTrouble();
      throw error;
    } finally {
      scope.end();
    }
  }

  async stream(call: Call): Promise<StreamedAnswer> {
    const scope = this.#scope(call.signal, undefined);
    try {
      const answer = await this.#inner.stream({ ...call, signal: scope.signal });
      return { ...answer, body: this.#watched(answer.body, call.signal, scope.end) };
    } catch (error) {
      scope.end();
      if (!call.signal.aborted) this.#onTrouble();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#giveUp('the transport is closed');
    // A peer that is silent does not hold us up.
    const late = new AbortController();
    await Promise.race([this.#inner.close(), pause(this.#clock, CLOSE_MS, late.signal)]);
    late.abort();
  }

  async *#watched(
    body: AsyncIterable<Buffer>,
    signal: AbortSignal,
    end: () => void,
  ): AsyncGenerator<Buffer, void, void> {
    try {
      yield* body;
    } catch (error) {
      if (!signal.aborted) this.#onTrouble();
      throw error;
    } finally {
      end();
    }
  }

  #giveUp(why: string): void {
    const ended = this.#generation;
    this.#generation = manyListeners();
    ended.abort(new TransportError(why));
  }

  /** A signal that also aborts when this generation of connections ends, or after some time. */
  #scope(outer: AbortSignal, ms: number | undefined): { readonly signal: AbortSignal; readonly end: () => void } {
    const generation = this.#generation.signal;
    const controller = new AbortController();
    const passOn = ({ reason }: AbortSignal) => controller.abort(reason);
    const onOuter = () => passOn(outer);
    const onGeneration = () => passOn(generation);
    outer.addEventListener('abort', onOuter, { once: true });
    generation.addEventListener('abort', onGeneration, { once: true });
    const late = () => controller.abort(new TransportError(`no answer within ${ms} ms`));
    const cancel = ms === undefined ? () => {} : this.#clock.after(ms, late);
    if (outer.aborted) onOuter();
    const end = () => {
      cancel();
      outer.removeEventListener('abort', onOuter);
      generation.removeEventListener('abort', onGeneration);
    };
    return { signal: controller.signal, end };
  }
}

/** Every request under way listens; there is no leak to warn of. */
function manyListeners(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

async function readBounded(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > PHYSICAL_ANSWER_BYTES_MAX) {
      throw new TransportError(`the answer is longer than ${PHYSICAL_ANSWER_BYTES_MAX} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}
