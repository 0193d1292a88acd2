import { newTooManyRequests } from '@kcp/apimachinery/errors/status-error';
import type { Clock } from '../clock.js';
import { MEMORY_FULL_SHARE, MEMORY_RETRY_SECONDS, MEMORY_SAMPLE_MS, MEMORY_TIGHT_SHARE } from '../limits.js';
import { type Metric, ValueMetric } from '../metrics/metric.js';
import type { RequestInfo } from '../request/request-info.js';
import type { MemoryReading } from './memory-reading.js';

/** `tight`: nothing that takes more. `full`: nothing at all but probes. */
export type MemoryLevel = 'none' | 'tight' | 'full';

/** What holds memory after its answer, or much of it before. */
const GREEDY_VERBS = new Set(['list', 'watch', 'create', 'deletecollection']);
const PROBES = /^\/(healthz|livez|readyz|metrics)(\/|$)/;

/**
 * Refuses work while memory runs out: a server that turns some away for a moment is better than one that is killed and
 * turns everybody away. Reads at most every `MEMORY_SAMPLE_MS`, and only when somebody asks.
 */
export class MemoryPressure {
  readonly #read: () => MemoryReading;
  readonly #clock: Clock;
  #level: MemoryLevel = 'none';
  #readAt = Number.NEGATIVE_INFINITY;
  readonly #refused = new ValueMetric(
    'counter',
    'kcp_memory_refused_requests_total',
    'Requests that were refused because memory was running out.',
    ['level'],
  );

  constructor(read: () => MemoryReading, clock: Clock) {
    this.#read = read;
    this.#clock = clock;
  }

  /** How it stands now. */
  get level(): MemoryLevel {
    const now = this.#clock.now();
    // A clock that was set back must not keep an old reading alive.
    if (Math.abs(now - this.#readAt) >= MEMORY_SAMPLE_MS) {
      this.#readAt = now;
      this.#level = levelOf(this.#read());
    }
    return this.#level;
  }

  /** Lets a request in. Throws StatusError 429 with the time to wait when there is no memory for it. */
  check({ path, target }: RequestInfo): void {
    const { level } = this;
    if (level === 'none' || (target === undefined && PROBES.test(path))) return;
    if (level === 'tight' && !GREEDY_VERBS.has(target?.verb ?? '')) return;
    this.#refused.add(1, [level]);
    throw newTooManyRequests('the server is short of memory, please try again later', MEMORY_RETRY_SECONDS);
  }

  /** For the server's metrics. */
  metrics(): readonly Metric[] {
    return [this.#refused];
  }
}

function levelOf({ heap, container = 0 }: MemoryReading): MemoryLevel {
  const share = Math.max(heap, container);
  if (share >= MEMORY_FULL_SHARE) return 'full';
  return share >= MEMORY_TIGHT_SHARE ? 'tight' : 'none';
}
