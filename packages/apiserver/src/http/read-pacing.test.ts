import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BUSY_REQUESTS, REQUESTS_PER_TURN, TURN_MS } from '../limits.js';
import type { PacedConnection } from './paced-connection.js';
import { ReadPacing } from './read-pacing.js';

class Socket extends EventEmitter {
  reading = true;
  readonly _handle = {
    readStart: () => {
      this.reading = true;
    },
    readStop: () => {
      this.reading = false;
    },
  };
}

function work(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

interface Client {
  readonly socket: Socket;
  readonly connection: PacedConnection;
  /** A request of this client arrives; when it is begun with, that takes some milliseconds. */
  asks(ms?: number): void;
  /** How many of its requests were begun with. */
  begun: number;
}

function client(pacing: ReadPacing, log: Client[] = []): Client {
  const socket = new Socket();
  const connection = pacing.open(socket);
  const one: Client = {
    socket,
    connection,
    begun: 0,
    asks: (ms = 0) => {
      pacing.arrived(connection);
      pacing.take(connection, async () => {
        one.begun++;
        log.push(one);
        work(ms);
      });
    },
  };
  return one;
}

/** Clients each of which has just asked for more than one turn is for. */
async function crowd(pacing: ReadPacing, count: number, log: Client[] = []): Promise<Client[]> {
  const clients = Array.from({ length: count }, () => client(pacing, log));
  for (const each of clients) for (let i = 0; i < Math.max(BUSY_REQUESTS, REQUESTS_PER_TURN); i++) each.asks();
  while (clients.some(({ connection }) => connection.waiting > 0)) await nextTurn();
  return clients;
}

const reading = (clients: readonly Client[]): boolean[] => clients.map(({ socket }) => socket.reading);

describe('a turn that has had enough', () => {
  test('reads no more of busy connections, and goes on reading the others', async () => {
    const pacing = new ReadPacing();
    const quiet = client(pacing);
    quiet.asks();
    const busy = await crowd(pacing, 3);
    await nextTurn();
    busy[0]?.asks();
    work(TURN_MS + 1);
    busy[0]?.asks();
    assert.deepEqual(reading([quiet, ...busy]), [true, false, false, false]);
    await nextTurn();
  });

  test('is followed by turns that read one busy connection after the other, until all are read', async () => {
    const pacing = new ReadPacing();
    const busy = await crowd(pacing, 3);
    await nextTurn();
    busy[2]?.asks();
    work(TURN_MS + 1);
    busy[2]?.asks();
    const counts: number[] = [];
    for (let turn = 0; turn < 4; turn++) {
      await nextTurn();
      counts.push(reading(busy).filter(Boolean).length);
    }
    assert.deepEqual(
      counts.filter((count, at) => count !== counts[at - 1]),
      [1, 2, 3],
    );
  });

  test('begins with no more requests of the crowd, but with those of others at once', async () => {
    const pacing = new ReadPacing();
    const [busy] = await crowd(pacing, 1);
    const quiet = client(pacing);
    await nextTurn();
    assert.ok(busy);
    busy.begun = 0;
    for (let i = 0; i < 10; i++) busy.asks(TURN_MS);
    await nextTurn();
    assert.ok(busy.begun < 10, `${busy.begun} at once`);
    quiet.asks();
    assert.equal(quiet.begun, 1);
    while (busy.connection.waiting > 0) await nextTurn();
    assert.equal(busy.begun, 10);
  });

  test('lets a connection that was closed meanwhile alone', async () => {
    const pacing = new ReadPacing();
    const [busy] = await crowd(pacing, 1);
    assert.ok(busy);
    await nextTurn();
    busy.begun = 0;
    for (let i = 0; i < 10; i++) busy.asks(TURN_MS);
    await nextTurn();
    busy.asks();
    const { begun } = busy;
    assert.equal(busy.socket.reading, false);
    busy.socket.emit('close');
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    assert.deepEqual([busy.socket.reading, busy.begun], [false, begun]);
  });
});

test('requests of busy connections are begun with in turn, one of each', async () => {
  const pacing = new ReadPacing();
  const log: Client[] = [];
  const busy = await crowd(pacing, 2, log);
  const [greedy, modest] = busy;
  log.length = 0;
  for (let i = 0; i < 20; i++) greedy?.asks();
  for (let i = 0; i < 2; i++) modest?.asks();
  while (busy.some(({ connection }) => connection.waiting > 0)) await nextTurn();
  assert.ok(modest && log.lastIndexOf(modest) < 5, `the other had to wait`);
});
