import { inNextTurn, turnAgeMs } from '@kcp/apimachinery/turns/turn';
import { BUSY_REQUESTS, BUSY_WINDOW_MS, REQUESTS_PER_TURN, TURN_MS } from '../limits.js';

/** Starts and stops the reading of a socket, below whatever protocol it carries. */
interface Reading {
  readStart(): void;
  readStop(): void;
}

/** As much of a socket as pacing needs: where it is read is told by its handle, which Node.js does not document. */
export interface PacedSocket {
  once(event: 'close', listener: () => void): unknown;
}

/** One HTTP/2 connection as a source of requests. */
export class PacedConnection {
  readonly #pacing: ReadPacing;
  readonly #reading: Reading | undefined;
  /** Requests of the current window of time and of the one before. */
  #count = 0;
  #before = 0;
  #windowEnd = 0;
  /** Requests since it was last let read. */
  burst = 0;
  paused = false;
  closed = false;

  constructor(pacing: ReadPacing, socket: PacedSocket) {
    this.#pacing = pacing;
    this.#reading = readingOf(socket);
  }

  /** A request has arrived. */
  arrived(): void {
    this.#turnWindow(performance.now());
    this.#count++;
    this.burst++;
    this.#pacing.arrived(this);
  }

  /** It sends so much that others could have to wait for it. */
  isBusy(now: number): boolean {
    this.#turnWindow(now);
    return this.#count + this.#before >= BUSY_REQUESTS;
  }

  pause(): void {
    this.paused = true;
    this.#reading?.readStop();
  }

  resume(): void {
    this.paused = false;
    this.burst = 0;
    if (!this.closed) this.#reading?.readStart();
  }

  #turnWindow(now: number): void {
    if (now < this.#windowEnd) return;
    this.#before = now < this.#windowEnd + BUSY_WINDOW_MS ? this.#count : 0;
    this.#count = 0;
    this.#windowEnd = now + BUSY_WINDOW_MS;
  }
}

/**
 * Keeps what busy connections send from filling a turn of the event loop: once the turn has had enough they are not read,
 * and in the next turns one after the other is. What stays unread fills the client's own window. Connections with few
 * requests are always read, so they wait for a turn of this length at the most, whatever crowd there is.
 */
export class ReadPacing {
  readonly #connections = new Set<PacedConnection>();
  #paused: PacedConnection[] = [];

  open(socket: PacedSocket): PacedConnection {
    const connection = new PacedConnection(this, socket);
    this.#connections.add(connection);
    socket.once('close', () => {
      connection.closed = true;
      this.#connections.delete(connection);
    });
    return connection;
  }

  arrived(connection: PacedConnection): void {
    if (connection.paused || turnAgeMs() <= TURN_MS) return;
    const now = performance.now();
    const idle = this.#paused.length === 0;
    for (const each of this.#connections) if (!each.paused && each.isBusy(now)) this.#pause(each);
    if (idle && this.#paused.length > 0) inNextTurn(() => this.#resume());
  }

  #pause(connection: PacedConnection): void {
    connection.pause();
    this.#paused.push(connection);
  }

  /** Lets as many go on as a turn has room for, by what each brought last. */
  #resume(): void {
    let room = REQUESTS_PER_TURN;
    while (room > 0) {
      const next = this.#paused.shift();
      if (next === undefined) return;
      room -= Math.max(next.burst, 1);
      next.resume();
    }
    if (this.#paused.length > 0) inNextTurn(() => this.#resume());
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
