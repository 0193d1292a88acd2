import { stringify } from '@kcp/apimachinery/json/stringify';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { Clock } from '../clock.js';
import { AUDIT_WEBHOOK_BATCH_EVENTS, AUDIT_WEBHOOK_BATCH_MS, AUDIT_WEBHOOK_BUFFER_EVENTS_MAX } from '../limits.js';
import type { RemoteEndpoint } from '../webhook/remote-endpoint.js';
import type { AuditSink } from './request-audit.js';

const ATTEMPTS = 4;
const FIRST_RETRY_MS = 500;

/**
 * Sends events to a webhook, several at once, in the order in which they happened. Events that find the buffer full are
 * dropped and counted, as upstream's batch mode does.
 */
export class WebhookSink implements AuditSink {
  readonly name = 'webhook';
  readonly #endpoint: RemoteEndpoint;
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  readonly #waiting: JsonObject[] = [];
  #lost = 0;
  #cancel: (() => void) | undefined;
  #sending: Promise<void> | undefined;

  constructor(endpoint: RemoteEndpoint, clock: Clock, onError: (error: unknown) => void) {
    this.#endpoint = endpoint;
    this.#clock = clock;
    this.#onError = onError;
  }

  /** Events that were never sent. */
  get lost(): number {
    return this.#lost;
  }

  record(event: JsonObject): void {
    if (this.#waiting.length >= AUDIT_WEBHOOK_BUFFER_EVENTS_MAX) {
      this.#lost++;
      return;
    }
    this.#waiting.push(event);
    if (this.#waiting.length >= AUDIT_WEBHOOK_BATCH_EVENTS) this.#send();
    else this.#cancel ??= this.#clock.after(AUDIT_WEBHOOK_BATCH_MS, () => this.#send());
  }

  async close(): Promise<void> {
    this.#send();
    await this.#sending;
    this.#endpoint.close();
  }

  #send(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) await this.#sendBatch(this.#waiting.splice(0, AUDIT_WEBHOOK_BATCH_EVENTS));
  }

  async #sendBatch(items: JsonObject[]): Promise<void> {
    const list = { kind: 'EventList', apiVersion: 'audit.k8s.io/v1', metadata: {}, items };
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#endpoint.post(stringify(list));
        return;
      } catch (error) {
        if (attempt >= ATTEMPTS) {
          this.#lost += items.length;
          this.#onError(error);
          return;
        }
        await new Promise<void>((resolve) => this.#clock.after(FIRST_RETRY_MS * attempt, resolve));
      }
    }
  }
}
