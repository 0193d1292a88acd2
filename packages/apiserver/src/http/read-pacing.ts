import { inNextTurn, turnAgeMs } from '@kcp/apimachinery/turns/turn';
import { REQUESTS_PER_STEP, REQUESTS_PER_TURN, TURN_BESIDE_OTHERS_MS, TURN_MS } from '../limits.js';
import { type Begin, PacedConnection, type PacedSocket } from './paced-connection.js';

/**
 * Keeps what busy connections send from filling a turn of the event loop. Their requests are begun with one by one, in turn
 * between the connections, until the turn has had enough; the others wait for the next turns, and meanwhile their
 * connections are not read, so that what is not read yet fills the client's own window. Connections with few requests are
 * always read and served, so they wait for a turn of this length at the most, whatever crowd there is; and as long as one
 * of theirs is under way, which often takes several turns, turns are short.
 */
export class ReadPacing {
  readonly #connections = new Set<PacedConnection>();
  #paused: PacedConnection[] = [];
  /** Connections with requests that wait, in the order of their turns. */
  readonly #line: PacedConnection[] = [];
  /** Requests under way of connections that are not busy. */
  #others = 0;
  #working = false;
  #nextIsDue = false;

  open(socket: PacedSocket): PacedConnection {
    const connection = new PacedConnection(socket);
    this.#connections.add(connection);
    socket.once('close', () => {
      connection.close();
      this.#connections.delete(connection);
    });
    return connection;
  }

  /** A request has arrived, whatever becomes of it. */
  arrived(connection: PacedConnection): void {
    const now = performance.now();
    connection.count(now);
    if (this.#hasEnough()) this.#pauseBusy(now);
  }

  /** Begins with a request that has arrived: at once, or when its turn comes. */
  take(connection: PacedConnection, begin: Begin): void {
    if (connection.waiting === 0 && !connection.isBusy(performance.now())) {
      this.#others++;
      void begin().then(() => this.#others--);
      return;
    }
    if (connection.waiting === 0) this.#line.push(connection);
    connection.wait(begin);
    if (this.#working || this.#nextIsDue) return;
    this.#working = true;
    process.nextTick(this.#work);
  }

  /** The present turn has gone on for as long as crowds may have it. */
  #hasEnough(): boolean {
    return turnAgeMs() > (this.#others > 0 ? TURN_BESIDE_OTHERS_MS : TURN_MS);
  }

  #pauseBusy(now: number): void {
    for (const each of this.#connections) {
      if (each.paused || !each.isBusy(now)) continue;
      each.pause();
      this.#paused.push(each);
    }
    if (this.#paused.length > 0) this.#goOnNextTurn();
  }

  /** Begins with some requests, and with the next when they are done or wait for something themselves. */
  readonly #work = (): void => {
    for (let begun = 0; begun < REQUESTS_PER_STEP; begun++) {
      const connection = this.#hasEnough() ? undefined : this.#line.shift();
      if (connection === undefined) {
        this.#working = false;
        if (this.#line.length > 0) this.#goOnNextTurn();
        return;
      }
      void connection.next()?.();
      if (connection.waiting > 0) this.#line.push(connection);
    }
    queueMicrotask(() => process.nextTick(this.#work));
  };

  #goOnNextTurn(): void {
    if (this.#nextIsDue) return;
    this.#nextIsDue = true;
    inNextTurn(() => {
      this.#nextIsDue = false;
      this.#resume();
      if (this.#paused.length > 0) this.#goOnNextTurn();
      if (this.#working || this.#line.length === 0) return;
      this.#working = true;
      this.#work();
    });
  }

  /** Lets as many be read as a turn has room for, by what each brought last; not those whose requests wait still. */
  #resume(): void {
    let room = REQUESTS_PER_TURN;
    const staying: PacedConnection[] = [];
    for (const each of this.#paused) {
      if (each.waiting > 0 || room <= 0) {
        staying.push(each);
        continue;
      }
      room -= Math.max(each.burst, 1);
      each.resume();
    }
    this.#paused = staying;
  }
}
