import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Placed, Unordered } from './unordered.js';

test('has what was added and not removed, whatever the order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9)), (steps) => {
      const all: Placed[] = Array.from({ length: 10 }, () => ({ place: -1 }));
      const expected = new Set<Placed>();
      const unordered = new Unordered<Placed>();
      for (const at of steps) {
        const one = all[at];
        if (one === undefined) continue;
        if (expected.delete(one)) unordered.remove(one);
        else {
          expected.add(one);
          unordered.add(one);
        }
        unordered.remove({ place: at });
        assert.equal(unordered.size, expected.size);
        assert.deepEqual(new Set(unordered), expected);
      }
    }),
  );
});
