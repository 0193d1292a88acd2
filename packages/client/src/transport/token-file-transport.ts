import { readFileSync } from 'node:fs';
import type { Clock } from '../clock.js';
import { TOKEN_FILE_MS } from '../limits.js';
import { type Answer, type Call, type StreamedAnswer, type Transport, TransportError } from './transport.js';

/** Requests with a token out of a file, which is read again from time to time: tokens of pods are replaced. */
export class TokenFileTransport implements Transport {
  readonly #inner: Transport;
  readonly #file: string;
  readonly #clock: Clock;
  #token = '';
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(inner: Transport, file: string, clock: Clock) {
    this.#inner = inner;
    this.#file = file;
    this.#clock = clock;
  }

  async request(call: Call): Promise<Answer> {
    return this.#inner.request(this.#signed(call));
  }

  async stream(call: Call): Promise<StreamedAnswer> {
    return this.#inner.stream(this.#signed(call));
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  #signed(call: Call): Call {
    return { ...call, headers: { ...call.headers, authorization: `Bearer ${this.#present()}` } };
  }

  #present(): string {
    const now = this.#clock.now();
    if (now - this.#readAt < TOKEN_FILE_MS) return this.#token;
    try {
      this.#token = readFileSync(this.#file, 'utf8').trim();
    } catch (error) {
      throw new TransportError(`the token in ${this.#file} cannot be read`, { cause: error });
    }
    this.#readAt = now;
    return this.#token;
  }
}
