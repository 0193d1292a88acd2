import { WEBHOOK_RESPONSE_BYTES_MAX, WEBHOOK_RESPONSE_VALUES_MAX } from '../limits.js';
import { WebhookCallError } from './call-error.js';

const COMMA = 0x2c;
const COLON = 0x3a;

/** Watches over the size of a JSON text while it comes in, so that nothing is kept of one that is too large. */
export class AnswerSize {
  #bytes = 0;
  #values = 0;

  /** Counts a part; values by their separators, those within texts included. Throws WebhookCallError. */
  add(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes > WEBHOOK_RESPONSE_BYTES_MAX) {
      throw new WebhookCallError(`the response is larger than ${WEBHOOK_RESPONSE_BYTES_MAX} bytes`);
    }
    for (const byte of part) if (byte === COMMA || byte === COLON) this.#values++;
    if (this.#values <= WEBHOOK_RESPONSE_VALUES_MAX) return;
    throw new WebhookCallError(`the response has more than ${WEBHOOK_RESPONSE_VALUES_MAX} values`);
  }
}
