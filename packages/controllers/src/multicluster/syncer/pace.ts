import type { Clock } from '@kcp/client/clock';

/** Lets so many pass in a second on average, and a burst at once; the others wait in the order of their coming. */
export class Pace {
  readonly #clock: Clock;
  readonly #gapMs: number;
  readonly #burstMs: number;
  /** When the next one may pass who comes after a burst. */
  #next = 0;

  constructor(clock: Clock, perSecond: number, burst: number) {
    this.#clock = clock;
    this.#gapMs = 1_000 / perSecond;
    this.#burstMs = burst * this.#gapMs;
  }

  /** Resolves when one may pass. As many wait as there are workers, so that no wait is long. */
  async pass(): Promise<void> {
    const now = this.#clock.now();
    this.#next = Math.max(this.#next, now - this.#burstMs) + this.#gapMs;
    const ms = this.#next - now;
    if (ms > 0) await new Promise<void>((resolve) => void this.#clock.after(ms, resolve));
  }
}
