import type { Random } from './clock.js';

export interface BackoffOptions {
  readonly initialMs: number;
  readonly maxMs: number;
}

const JITTER = 0.5;
/** Beyond this many doublings every delay is the longest. */
const DOUBLINGS_MAX = 32;

/** The delay before attempt `failures` + 1, doubling from `initialMs` to `maxMs`, and up to half of it more by chance. */
export function backoffDelay({ initialMs, maxMs }: BackoffOptions, failures: number, random: Random): number {
  const doubled = initialMs * 2 ** Math.min(Math.max(failures - 1, 0), DOUBLINGS_MAX);
  return Math.min(maxMs, doubled) * (1 + JITTER * random());
}
