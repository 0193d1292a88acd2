/** Bytes that may wait for the reader before the writer is told that it lags. */
const LAG_BYTES = 1024 * 1024;

/**
 * Joins a writer that pushes to a reader that pulls: the body of a streamed in-process answer. The writer's side has
 * the form in which the server writes streams; the reader's side is one iteration.
 */
export class BytePipe implements AsyncIterable<Buffer> {
  readonly #chunks: Buffer[] = [];
  readonly #closeListeners: (() => void)[] = [];
  #waiting = 0;
  #ended = false;
  #closed = false;
  #wake: (() => void) | undefined;
  #drain: (() => void) | undefined;

  /** Queues bytes. False when the reader lags: `onDrain` listeners hear when it has caught up. */
  write(bytes: Buffer): boolean {
    if (this.#ended) return false;
    this.#chunks.push(bytes);
    this.#waiting += bytes.length;
    this.#wakeReader();
    return this.#waiting < LAG_BYTES;
  }

  /** Keeps one listener, the last. */
  onDrain(listener: () => void): void {
    this.#drain = listener;
  }

  /** The listener is called once: when the reader has gone, or `end` was called. */
  onClose(listener: () => void): void {
    if (this.#closed) listener();
    else this.#closeListeners.push(listener);
  }

  /** Nothing more comes; what is queued is still read. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#wakeReader();
    this.#close();
  }

  /** The reader goes away: what is queued is dropped. */
  cancel(): void {
    this.#chunks.length = 0;
    this.#waiting = 0;
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, void> {
    try {
      for (;;) {
        const batch = this.#take();
        if (batch !== undefined) yield batch;
        else if (this.#ended) return;
        else await new Promise<void>((resolve) => void this.#onWake(resolve));
      }
    } finally {
      this.cancel();
    }
  }

  #onWake(resolve: () => void): void {
    this.#wake = resolve;
  }

  #take(): Buffer | undefined {
    if (this.#chunks.length === 0) return undefined;
    const lagged = this.#waiting >= LAG_BYTES;
    const batch = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
    this.#chunks.length = 0;
    this.#waiting = 0;
    if (lagged) this.#drain?.();
    return batch;
  }

  #wakeReader(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const listener of this.#closeListeners.splice(0)) listener();
  }
}
