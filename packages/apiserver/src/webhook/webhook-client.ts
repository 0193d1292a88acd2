import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Clock } from '../clock.js';
import { type AddressPolicy, checkHost } from './address-policy.js';
import { AnswerSize } from './answer-size.js';
import { goConnectionText, WebhookCallError } from './call-error.js';
import { ConnectionPools } from './connection-pools.js';
import { failureText } from './unstructured-answer.js';
import type { WebhookTarget } from './webhook-target.js';

export interface WebhookClientOptions {
  readonly clock: Clock;
  readonly addresses?: AddressPolicy;
}

export interface CallOptions {
  /** Whole seconds; also told to the webhook, as `?timeout=10s`. */
  readonly timeoutSeconds: number;
  /** Ends the call when nobody waits for it any more. */
  readonly signal?: AbortSignal;
}

const JSON_TYPE = 'application/json';

/**
 * Calls webhooks: POST over HTTPS/1.1 to URLs, never following redirects, with kept connections. Whatever a webhook
 * does, a call ends within its time, holds no more than the limit of its answer, and fails with a WebhookCallError in
 * the words of upstream's client.
 */
export class WebhookClient {
  readonly #clock: Clock;
  readonly #policy: AddressPolicy;
  readonly #pools: ConnectionPools;

  constructor({ clock, addresses = 'any' }: WebhookClientOptions) {
    this.#clock = clock;
    this.#policy = addresses;
    this.#pools = new ConnectionPools(addresses);
  }

  /** Sends `body` (JSON) and returns the body of a successful answer. */
  async post(target: WebhookTarget, body: Buffer, options: CallOptions): Promise<Buffer> {
    const call = new WebhookCall(target, body, options, this.#pools);
    if (target.service !== undefined) throw call.failed(`service ${JSON.stringify(target.service)} not found`);
    if (this.#policy === 'public') checkHost(new URL(target.address).hostname);
    if (options.signal?.aborted) throw call.failed('context canceled');
    const cancel = this.#clock.after(options.timeoutSeconds * 1_000, () => call.stop('context deadline exceeded'));
    const abandon = (): void => call.stop('context canceled');
    options.signal?.addEventListener('abort', abandon, { once: true });
    try {
      return await call.run();
    } finally {
      cancel();
      options.signal?.removeEventListener('abort', abandon);
    }
  }

  /** Closes kept connections. */
  close(): void {
    this.#pools.close();
  }
}

/** One call from its connection to the last byte of its answer. */
class WebhookCall {
  readonly #url: string;
  readonly #ca: string | undefined;
  readonly #body: Buffer;
  readonly #pools: ConnectionPools;
  #request: ClientRequest | undefined;
  #stopped: string | undefined;

  constructor(target: WebhookTarget, body: Buffer, { timeoutSeconds }: CallOptions, pools: ConnectionPools) {
    this.#url = `${target.address}?timeout=${timeoutSeconds}s`;
    this.#ca = target.ca;
    this.#body = body;
    this.#pools = pools;
  }

  /** Ends the call for a reason of ours. */
  stop(reason: string): void {
    this.#stopped ??= reason;
    this.#request?.destroy();
  }

  failed(why: string, cause?: unknown): WebhookCallError {
    return new WebhookCallError(`Post "${this.#url}": ${why}`, { cause });
  }

  async run(): Promise<Buffer> {
    const response = await this.#respond();
    const body = await this.#read(response);
    const code = response.statusCode ?? 0;
    const contentType = response.headers['content-type'] ?? '';
    if (code < 200 || code > 206) throw new WebhookCallError(failureText(code, contentType, body));
    if (body.length > 0) return body;
    throw new WebhookCallError(
      `0-length response with status code: ${code} and content type: ${contentType || JSON_TYPE}`,
    );
  }

  /** A kept connection that the webhook closed meanwhile says nothing about the webhook: once more on another. */
  async #respond(): Promise<IncomingMessage> {
    for (;;) {
      try {
        return await this.#send();
      } catch (error) {
        if (this.#stopped !== undefined) throw this.failed(this.#stopped);
        if (!this.#request?.reusedSocket || !isReset(error)) throw this.#wrapped(error);
      }
    }
  }

  #wrapped(error: unknown): WebhookCallError {
    const why = error instanceof WebhookCallError ? error.message : goConnectionText(error);
    return this.failed(why, error);
  }

  #send(): Promise<IncomingMessage> {
    const headers = {
      accept: `${JSON_TYPE}, */*`,
      'content-type': JSON_TYPE,
      'content-length': this.#body.length,
      'user-agent': 'kcp',
    };
    return new Promise((resolve, reject) => {
      const request = httpsRequest(this.#url, { method: 'POST', agent: this.#pools.of(this.#ca), headers });
      this.#request = request;
      request.once('response', resolve);
      // Also hears of what fails while a stopped call closes; only the first error counts.
      request.on('error', reject);
      request.end(this.#body);
    });
  }

  async #read(response: IncomingMessage): Promise<Buffer> {
    const parts: Buffer[] = [];
    const size = new AnswerSize();
    try {
      for await (const part of response) {
        size.add(part);
        parts.push(part);
      }
    } catch (error) {
      this.#request?.destroy();
      const why = this.#stopped ?? (error instanceof WebhookCallError ? error.message : 'unexpected EOF');
      const text = `unexpected error when reading response body. Please retry. Original error: ${why}`;
      throw new WebhookCallError(text, { cause: error });
    }
    return Buffer.concat(parts);
  }
}

function isReset(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}
