import { WATCH_TIMEOUT_MS_MIN } from '../limits.js';
import { MEDIA_TYPES, type OutputFormat } from '../request/negotiation.js';

const TIMER_MS_MAX = 2 ** 31 - 1;

export function watchContentType(format: OutputFormat): string {
  return format.encoding === 'protobuf' ? `${MEDIA_TYPES.protobuf};stream=watch` : MEDIA_TYPES.json;
}

/** Milliseconds after which a watch ends by itself: as asked, else at random, so that clients do not return at once. */
export function watchTimeoutMs(timeoutSeconds: number): number {
  if (timeoutSeconds > 0) return Math.min(timeoutSeconds * 1_000, TIMER_MS_MAX);
  return WATCH_TIMEOUT_MS_MIN * (1 + Math.random());
}
