// The checkers themselves: what is right passes, and bugs of every kind that they are for are found.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkRegister } from './check-register.mjs';
import { checkWatches } from './check-watch.mjs';

let clock = 0;
/** An operation that begins after everything before it has ended. */
const after = (operation) => ({ answer: 'ok', ...operation, call: clock++, end: clock++ });
const create = (value, rest = {}) => after({ op: 'create', value, ...rest });
const update = (expected, value, rest = {}) => after({ op: 'update', expected, value, ...rest });
const remove = (expected, rest = {}) => after({ op: 'delete', expected, ...rest });
const get = (found, rest = {}) => after({ op: 'get', found, ...rest });

describe('linearizability of one key', () => {
  const passes = (...operations) => assert.equal(checkRegister(operations), undefined);
  const fails = (...operations) => assert.notEqual(checkRegister(operations), undefined);

  test('one after the other passes', () => {
    passes(get(undefined), create('a'), get('a'), update('a', 'b'), get('b'), remove('b'), get(undefined), create('c'));
    passes(create('a'), create('b', { answer: 'exists' }), update('x', 'c', { answer: 'conflict' }), get('a'));
    passes(remove('a', { answer: 'absent' }), create('a'));
  });

  test('at the same time either order passes', () => {
    const write = { op: 'create', value: 'a', answer: 'ok', call: 0, end: 10 };
    for (const found of [undefined, 'a']) passes(write, { op: 'get', found, answer: 'ok', call: 2, end: 3 });
    const both = { op: 'update', expected: 'a', answer: 'ok', call: 20, end: 30 };
    fails({ ...write }, { ...both, value: 'b' }, { ...both, value: 'c' });
    passes({ ...write }, { ...both, value: 'b' }, { ...both, value: 'c', answer: 'conflict' });
  });

  test('a write whose answer was lost may have happened at any time, or never', () => {
    passes(create('a'), update('a', 'b', { answer: 'unknown' }), get('a'), get('b'));
    passes(create('a'), update('a', 'b', { answer: 'unknown' }), get('a'), update('a', 'c'));
    passes(create('a'), update('a', 'b', { answer: 'unknown' }), update('a', 'c', { answer: 'conflict' }), get('b'));
    fails(create('a'), update('a', 'b', { answer: 'unknown' }), get('b'), get('a'));
  });

  test('a lost write, a stale read, a lost update, a value from nowhere and a resurrection are found', () => {
    fails(create('a'), get(undefined));
    fails(create('a'), update('a', 'b'), get('a'));
    fails(create('a'), update('a', 'b'), update('a', 'c'));
    fails(create('a'), get('x'));
    fails(create('a'), remove('a'), get('a'));
    fails(create('a'), create('b'));
    fails(create('a'), remove('a', { answer: 'absent' }));
  });

  test('a long history of overlapping operations passes, and one stale read in it is found', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { operations, values } = overlapping(seed, 600);
      passes(...operations);
      const at = operations[operations.length - 1].end + 1;
      fails(...operations, { op: 'get', found: values[values.length - 3], answer: 'ok', call: at, end: at + 1 });
      const middle = operations.filter(({ op, answer }) => op === 'update' && answer === 'ok')[values.length >> 1];
      fails(...operations.filter((one) => one !== middle));
    }
  });
});

/** Operations that each took effect at a moment of its own, within a span that overlaps with several others. */
function overlapping(seed, count) {
  let random = seed;
  const below = (limit) => {
    random = (random * 48_271) % 2_147_483_647;
    return random % limit;
  };
  const values = ['v0'];
  const span = (at) => ({ call: at * 10 - below(40), end: at * 10 + 1 + below(40) });
  const operations = [{ op: 'create', value: 'v0', answer: 'ok', call: -50, end: -41 }];
  for (let i = 1; i < count; i++) {
    const newest = values[values.length - 1];
    const kind = below(4);
    if (kind < 2) operations.push({ op: 'get', found: newest, answer: 'ok', ...span(i) });
    else if (kind === 2 && values.length > 1) {
      const expected = values[values.length - 2];
      operations.push({ op: 'update', expected, value: `w${i}`, answer: 'conflict', ...span(i) });
    } else {
      values.push(`v${values.length}`);
      const value = values[values.length - 1];
      operations.push({ op: 'update', expected: newest, value, answer: 'ok', ...span(i) });
    }
  }
  return { operations, values };
}

describe('completeness of watches', () => {
  const events = [
    { type: 'ADDED', key: 'a', revision: 1, value: '1' },
    { type: 'MODIFIED', key: 'a', revision: 2, value: '2' },
    { type: 'ADDED', key: 'b', revision: 3, value: '3' },
    { type: 'DELETED', key: 'a', revision: 4, value: '2' },
    { type: 'ADDED', key: 'a', revision: 5, value: '5' },
  ];
  const writes = events.map(({ key, revision, value, type }) => ({
    ...{ key, revision, value: type === 'DELETED' ? undefined : value },
  }));
  const all = { from: 0, to: 5, events };

  test('everything that happened, heard from anywhere to anywhere, passes', () => {
    const parts = [0, 1, 2, 3, 4].map((from) => ({ from, to: 5, events: events.slice(from) }));
    assert.deepEqual(checkWatches([all, ...parts, { from: 1, to: 3, events: events.slice(1, 3) }], writes), []);
  });

  test('an event that is missing, doubled, moved or changed is found, whichever it is', () => {
    for (let i = 0; i < events.length; i++) {
      const lost = { ...all, events: events.filter((_, at) => at !== i) };
      assert.match(checkWatches([lost], writes).join(), /did not hear/);
      assert.match(checkWatches([lost, all], []).join(), /did not hear/, 'another watch tells, too');
      const doubled = { ...all, events: [...events.slice(0, i + 1), ...events.slice(i)] };
      assert.match(checkWatches([doubled], writes).join(), /twice/);
      const changed = { ...all, events: events.map((one, at) => (at === i ? { ...one, key: 'x' } : one)) };
      assert.notDeepEqual(checkWatches([changed], writes), []);
    }
    const moved = { ...all, events: [events[0], events[2], events[1], ...events.slice(3)] };
    assert.match(checkWatches([moved], writes).join(), /after revision/);
  });

  test('an event of the wrong kind is found', () => {
    const wrong = { ...all, events: events.map((one) => (one.revision === 2 ? { ...one, type: 'ADDED' } : one)) };
    assert.match(checkWatches([wrong], writes).join(), /though the object was there/);
  });
});
