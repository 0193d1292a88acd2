import { StatusError } from '@kcp/apimachinery/errors/status-error';
import { backoffDelay } from '../backoff.js';
import { type Clock, pause, type Random } from '../clock.js';
import { WATCH_BACKOFF, WATCH_RESUME_MS } from '../limits.js';
import { TransportError } from '../transport/transport.js';
import type { WatchEvent } from './watch-event.js';

/** Opens one stream of events after a resourceVersion; undefined: what is there first. */
export type OpenWatch = (resourceVersion: string | undefined) => AsyncIterable<WatchEvent>;

/**
 * One watch out of as many streams as it takes: after a clean end or a lost connection it goes on where it was, with
 * growing pauses as long as nothing comes. Ends when `signal` aborts; throws the StatusError of a server that refuses,
 * such as 410 when the history is gone, except where a later attempt may help (429, 5xx).
 */
export async function* resumedWatch(
  open: OpenWatch,
  start: string | undefined,
  { clock, random, signal }: { readonly clock: Clock; readonly random: Random; readonly signal: AbortSignal },
): AsyncGenerator<WatchEvent, void, void> {
  let resourceVersion = start;
  let failures = 0;
  while (!signal.aborted) {
    let lost: unknown;
    try {
      for await (const event of open(resourceVersion)) {
        failures = 0;
        resourceVersion = event.object.metadata.resourceVersion ?? resourceVersion;
        yield event;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!mayPass(error)) throw error;
      lost = error;
    }
    failures++;
    const resumeAtOnce = failures === 1 && lost === undefined;
    await pause(clock, resumeAtOnce ? WATCH_RESUME_MS : backoffDelay(WATCH_BACKOFF, failures, random), signal);
  }
}

/** True for failures that may be over at the next attempt: no connection, an overloaded or ailing server. */
export function mayPass(error: unknown): boolean {
  if (error instanceof StatusError) return error.code === 429 || error.code >= 500;
  return error instanceof TransportError;
}
