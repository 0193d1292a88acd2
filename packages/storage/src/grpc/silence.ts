import { GREETING_WAIT_MS, TICK_MS } from './limits.js';

export interface KeepAlive {
  /** A connection on which calls wait is asked for a sign of life after so long without one … */
  readonly silenceMs: number;
  /** … and is given up when there is none after so long. */
  readonly answerMs: number;
}

/** How long nothing was heard, in ticks of the connection: while the process does not run, nobody can be silent. */
export class Silence {
  readonly #keepAlive: KeepAlive;
  #ticks = 0;
  /** A sign of life was asked for since something was heard. */
  #asked = false;

  constructor(keepAlive: KeepAlive) {
    this.#keepAlive = keepAlive;
  }

  broken(): void {
    this.#ticks = 0;
    this.#asked = false;
  }

  /** A tick without a greeting; true when that is too long. */
  unmet(): boolean {
    return ++this.#ticks * TICK_MS >= GREETING_WAIT_MS;
  }

  /** A tick while calls wait: what there is to do. */
  tick(): 'wait' | 'ask' | 'giveUp' {
    const silentMs = ++this.#ticks * TICK_MS;
    const { silenceMs, answerMs } = this.#keepAlive;
    if (silentMs >= silenceMs + answerMs) return 'giveUp';
    if (silentMs < silenceMs || this.#asked) return 'wait';
    this.#asked = true;
    return 'ask';
  }
}
