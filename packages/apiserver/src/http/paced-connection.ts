import { BUSY_REQUESTS, BUSY_WINDOW_MS } from '../limits.js';

/** Starts and stops the reading of a socket, below whatever protocol it carries. */
interface Reading {
  readStart(): void;
  readStop(): void;
}

/** As much of a socket as pacing needs: where it is read is told by its handle, which Node.js does not document. */
export interface PacedSocket {
  once(event: 'close', listener: () => void): unknown;
}

/** Begins with the work on a request; resolves when its answer is there, whatever it is. */
export type Begin = () => Promise<void>;

/** One HTTP/2 connection as a source of requests, and those of them that wait to be begun with. */
export class PacedConnection {
  readonly #reading: Reading | undefined;
  /** Requests of the current window of time and of the one before. */
  #count = 0;
  #before = 0;
  #windowEnd = 0;
  #waiting: Begin[] = [];
  /** Requests since it was last let read. */
  burst = 0;
  paused = false;
  #closed = false;

  constructor(socket: PacedSocket) {
    this.#reading = readingOf(socket);
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  count(now: number): void {
    this.#turnWindow(now);
    this.#count++;
    this.burst++;
  }

  /** It sends so much that others could have to wait for it. */
  isBusy(now: number): boolean {
    this.#turnWindow(now);
    return this.#count + this.#before >= BUSY_REQUESTS;
  }

  wait(begin: Begin): void {
    this.#waiting.push(begin);
  }

  next(): Begin | undefined {
    return this.#waiting.shift();
  }

  pause(): void {
    this.paused = true;
    this.#reading?.readStop();
  }

  resume(): void {
    this.paused = false;
    this.burst = 0;
    if (!this.#closed) this.#reading?.readStart();
  }

  /** Nobody waits for its requests any more. */
  close(): void {
    this.#closed = true;
    this.#waiting = [];
  }

  #turnWindow(now: number): void {
    if (now < this.#windowEnd) return;
    this.#before = now < this.#windowEnd + BUSY_WINDOW_MS ? this.#count : 0;
    this.#count = 0;
    this.#windowEnd = now + BUSY_WINDOW_MS;
  }
}

/** Undefined on a Node.js that does not let one reach it: then every connection is read whenever it has something. */
function readingOf(socket: PacedSocket): Reading | undefined {
  const handle: unknown = Reflect.get(socket, '_handle');
  return isReading(handle) ? handle : undefined;
}

function isReading(handle: unknown): handle is Reading {
  if (typeof handle !== 'object' || handle === null) return false;
  return (
    typeof Reflect.get(handle, 'readStart') === 'function' && typeof Reflect.get(handle, 'readStop') === 'function'
  );
}
