import type { Revision } from '../store.js';

/**
 * The newest revision, by one question for all who ask while another is under way. A question that is under way may
 * already have been answered, before something that its asker has seen: who comes later shares the next one.
 */
export class Latest {
  readonly #ask: () => Promise<Revision>;
  #asking: Promise<Revision> | undefined;
  #next: Promise<Revision> | undefined;

  constructor(ask: () => Promise<Revision>) {
    this.#ask = ask;
  }

  read(): Promise<Revision> {
    if (this.#asking === undefined) return this.#start();
    this.#next ??= this.#asking.then(
      () => this.#startNext(),
      (error: unknown) => {
        // Whoever could not answer now would not have done so a moment later: nobody waits twice as long for that.
        this.#next = undefined;
        throw error;
      },
    );
    return this.#next;
  }

  #startNext(): Promise<Revision> {
    this.#next = undefined;
    return this.#start();
  }

  #start(): Promise<Revision> {
    const asking = this.#ask().finally(() => {
      if (this.#asking === asking) this.#asking = undefined;
    });
    this.#asking = asking;
    return asking;
  }
}
