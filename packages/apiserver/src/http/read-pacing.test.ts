import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BUSY_REQUESTS, REQUESTS_PER_TURN, TURN_MS } from '../limits.js';
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

function crowd(pacing: ReadPacing, count: number) {
  return Array.from({ length: count }, () => {
    const socket = new Socket();
    const connection = pacing.open(socket);
    for (let i = 0; i < Math.max(BUSY_REQUESTS, REQUESTS_PER_TURN); i++) connection.arrived();
    return { socket, connection };
  });
}

describe('a turn that has had enough', () => {
  test('reads no more of busy connections, and goes on reading the others', async () => {
    await nextTurn();
    const pacing = new ReadPacing();
    const quiet = new Socket();
    pacing.open(quiet).arrived();
    const busy = crowd(pacing, 3);
    work(TURN_MS + 1);
    busy[0]?.connection.arrived();
    assert.deepEqual([quiet.reading, ...busy.map(({ socket }) => socket.reading)], [true, false, false, false]);
    await nextTurn();
  });

  test('is followed by turns that read one busy connection after the other, until all are read', async () => {
    await nextTurn();
    const busy = crowd(new ReadPacing(), 3);
    work(TURN_MS + 1);
    busy[2]?.connection.arrived();
    const reading: number[] = [];
    for (let turn = 0; turn < 3; turn++) {
      await nextTurn();
      reading.push(busy.filter(({ socket }) => socket.reading).length);
    }
    assert.deepEqual(reading, [1, 2, 3]);
  });

  test('lets a connection that was closed meanwhile alone', async () => {
    await nextTurn();
    const [one] = crowd(new ReadPacing(), 1);
    work(TURN_MS + 1);
    one?.connection.arrived();
    one?.socket.emit('close');
    await nextTurn();
    await nextTurn();
    assert.equal(one?.socket.reading, false);
  });
});
