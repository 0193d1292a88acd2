import { WEBHOOK_RESPONSE_VALUES_MAX } from '../limits.js';
import { WebhookCallError } from './call-error.js';

const COMMA = 0x2c;
const COLON = 0x3a;

/** Throws WebhookCallError for JSON with more values than an answer may have; counts separators, also those in texts. */
export function checkValues(json: Buffer): void {
  let count = 0;
  for (const byte of json) if (byte === COMMA || byte === COLON) count++;
  if (count <= WEBHOOK_RESPONSE_VALUES_MAX) return;
  throw new WebhookCallError(`the response has more than ${WEBHOOK_RESPONSE_VALUES_MAX} values`);
}
