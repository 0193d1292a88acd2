import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { distribute, type Taker } from './distribute.js';

const taker = (name: string, current = 0, weight = 1, max = Number.MAX_SAFE_INTEGER): Taker => ({
  name,
  weight,
  max,
  current,
});

function sharesOf(total: number, takers: readonly Taker[]): Record<string, number> {
  return Object.fromEntries(distribute(total, takers).shares);
}

describe('replicas over clusters', () => {
  test('15 over two is 8 and 7, the first by name the one more', () => {
    assert.deepEqual(sharesOf(15, [taker('us-west1'), taker('us-east1')]), { 'us-east1': 8, 'us-west1': 7 });
  });
  test('one cluster takes all, none nothing', () => {
    assert.deepEqual(sharesOf(15, [taker('only')]), { only: 15 });
    assert.deepEqual(distribute(15, []), { shares: new Map(), left: 15 });
  });
  test('whoever has the odd one keeps it', () => {
    assert.deepEqual(sharesOf(15, [taker('a', 7), taker('b', 8)]), { a: 7, b: 8 });
  });
  test('a cluster that joins takes from each, and no more than its share', () => {
    assert.deepEqual(sharesOf(15, [taker('a', 8), taker('b', 7), taker('c')]), { a: 5, b: 5, c: 5 });
  });
  test('weights', () => {
    assert.deepEqual(sharesOf(12, [taker('a', 0, 3), taker('b', 0, 1)]), { a: 9, b: 3 });
    assert.deepEqual(sharesOf(12, [taker('a', 0, 1), taker('b', 0, 0)]), { a: 12, b: 0 });
  });
  test('bounds: what one may not take goes to the others, and what nobody may take is left', () => {
    assert.deepEqual(sharesOf(15, [taker('a', 0, 1, 3), taker('b')]), { a: 3, b: 12 });
    assert.equal(distribute(15, [taker('a', 0, 1, 3), taker('b', 0, 1, 4)]).left, 8);
  });
});

const takers = (atMost: number) =>
  fc
    .array(
      fc.record({
        weight: fc.integer({ min: 0, max: 5 }),
        max: fc.oneof(fc.constant(1_000_000), fc.integer({ min: 0, max: 12 })),
        current: fc.integer({ min: 0, max: 12 }),
      }),
      { maxLength: atMost },
    )
    .map((all) => all.map((one, at) => ({ ...one, name: `c${at}` })));
const totals = fc.integer({ min: 0, max: 30 });

describe('every distribution', () => {
  test('sums to what there is, within the bounds', () => {
    fc.assert(
      fc.property(totals, takers(8), (total, all) => {
        const { shares, left } = distribute(total, all);
        const sum = [...shares.values()].reduce((a, b) => a + b, 0);
        assert.equal(sum + left, total);
        for (const { name, max, weight } of all) {
          const share = shares.get(name) ?? -1;
          assert.ok(Number.isInteger(share) && share >= 0 && share <= max && (weight > 0 || share === 0));
          // Nothing is left as long as somebody could take it.
          assert.ok(left === 0 || weight === 0 || share === max);
        }
      }),
    );
  });
  test('changes nothing when it is done again', () => {
    fc.assert(
      fc.property(totals, takers(8), (total, all) => {
        const { shares } = distribute(total, all);
        const again = all.map((one) => ({ ...one, current: shares.get(one.name) ?? 0 }));
        assert.deepEqual(distribute(total, again).shares, shares);
      }),
    );
  });
  test('does not depend on the order of the clusters', () => {
    fc.assert(
      fc.property(totals, takers(6), (total, all) => {
        const { shares } = distribute(total, [...all].reverse());
        assert.deepEqual([...shares].sort(), [...distribute(total, all).shares].sort());
      }),
    );
  });
  test('moves no more replicas than any other that is as fair', () => {
    fc.assert(
      fc.property(totals, takers(5), (total, all) => {
        const { shares } = distribute(total, all);
        const bounds = all.map(({ name }) => fairBounds(name, total, all));
        const placed = [...shares.values()].reduce((a, b) => a + b, 0);
        let least = Number.POSITIVE_INFINITY;
        for (const one of choices(bounds)) {
          if (one.reduce((a, b) => a + b, 0) === placed) least = Math.min(least, movement(all, one));
        }
        assert.equal(
          movement(
            all,
            all.map(({ name }) => shares.get(name) ?? 0),
          ),
          least,
        );
      }),
      { numRuns: 300 },
    );
  });
});

/** The whole numbers around the exact share, which is the weight times a level that is the same for all who are not full. */
function fairBounds(name: string, total: number, all: readonly Taker[]): readonly number[] {
  const open = all.filter(({ weight, max }) => weight > 0 && max > 0);
  const one = open.find((other) => other.name === name);
  if (one === undefined) return [0];
  const exact = Math.min(one.max, level(total, open) * one.weight);
  const near = Math.round(exact);
  return Math.abs(exact - near) < 1e-6 ? [near] : [Math.floor(exact), Math.ceil(exact)];
}

function level(total: number, open: readonly Taker[]): number {
  let low = 0;
  let high = 1e7;
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    const sum = open.reduce((all, { weight, max }) => all + Math.min(max, middle * weight), 0);
    if (sum < total) low = middle;
    else high = middle;
  }
  return high;
}

function movement(all: readonly Taker[], shares: readonly number[]): number {
  return all.reduce((sum, { current }, at) => sum + Math.abs((shares[at] ?? 0) - current), 0);
}

function choices(bounds: readonly (readonly number[])[]): number[][] {
  return bounds.reduce<number[][]>((all, some) => all.flatMap((one) => some.map((value) => [...one, value])), [[]]);
}
