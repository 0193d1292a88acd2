import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HTTP2_RESETS_BURST_MAX } from '../limits.js';
import { Connection, PATIENCE, tightened } from './connection.js';

/** Moments after now, in milliseconds. */
const later = (ms: number): number => performance.now() + ms;
const SOON = 1_000;

describe('patience with a connection', () => {
  test('one whose first request does not come is ended sooner than one that rests between requests', () => {
    const silent = new Connection();
    assert.equal(silent.sweep(later(PATIENCE.firstRequestMs - SOON), PATIENCE), false);
    assert.equal(silent.sweep(later(PATIENCE.firstRequestMs + SOON), PATIENCE), true);
    const resting = new Connection();
    resting.end(resting.begin(() => assert.fail('it is over')));
    assert.equal(resting.sweep(later(PATIENCE.firstRequestMs + SOON), PATIENCE), false);
    assert.equal(resting.sweep(later(PATIENCE.idleMs + SOON), PATIENCE), true);
  });

  test('a request whose body or answer takes too long is cut; a watch is not', () => {
    const connection = new Connection();
    let cut = 0;
    const slow = connection.begin(() => cut++);
    const watch = connection.begin(() => assert.fail('watches last'));
    watch.lasts();
    connection.sweep(later(PATIENCE.exchangeMs - SOON), PATIENCE);
    assert.equal(cut, 0);
    assert.equal(connection.sweep(later(PATIENCE.exchangeMs + SOON), PATIENCE), false);
    assert.equal(cut, 1);
    assert.ok(slow.cut);
  });

  test('a watch whose client stops reading is cut, sooner when memory is tight; one that caught up is not', () => {
    const connection = new Connection();
    let cut = 0;
    const watch = connection.begin(() => cut++);
    watch.lasts();
    watch.stalls();
    watch.flows();
    connection.sweep(later(PATIENCE.stallMs + SOON), PATIENCE);
    assert.equal(cut, 0);
    watch.stalls();
    connection.sweep(later(PATIENCE.stallMs - SOON), PATIENCE);
    assert.equal(cut, 0);
    connection.sweep(later(PATIENCE.stallMs - SOON), tightened(PATIENCE));
    assert.equal(cut, 1);
  });

  test('an answer to come and a watch that stalls wait for the client, a watch that rests does not', () => {
    const connection = new Connection();
    const get = connection.begin(() => undefined);
    assert.ok(connection.waits);
    connection.end(get);
    const watch = connection.begin(() => undefined);
    watch.lasts();
    assert.equal(connection.waits, false);
    watch.stalls();
    assert.ok(connection.waits);
  });

  test('requests may be taken back, but not without end', () => {
    const connection = new Connection();
    for (let i = 0; i < HTTP2_RESETS_BURST_MAX; i++) assert.ok(connection.takenBack());
    const more = Array.from({ length: 1_000 }, () => connection.takenBack());
    assert.ok(more.includes(false));
  });
});
