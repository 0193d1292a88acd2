import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SortedTree, type TreeView } from './sorted-tree.js';

const key = fc.integer({ min: 0, max: 400 }).map((n) => `k/${n.toString().padStart(3, '0')}`);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.constant('set' as const), key) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('delete' as const), key) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('view' as const), key) },
);

test('a tree behaves like a sorted list, and a view of it never changes', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 1_500, size: 'max' }), (steps) => {
      const tree = new SortedTree<number>();
      const model = new Map<string, number>();
      const views: [TreeView<number>, Map<string, number>][] = [];
      steps.forEach(([what, at], value) => {
        if (what === 'set') assert.equal(tree.set(at, value), take(model, at, value));
        if (what === 'delete') assert.equal(tree.delete(at), take(model, at, undefined));
        if (what === 'view') views.push([tree.view(), new Map(model)]);
      });
      views.push([tree.view(), model]);
      for (const [view, expected] of views) assertSame(view, expected);
    }),
    { numRuns: 60 },
  );
});

test('a tree built from sorted keys is the tree of the same insertions', () => {
  for (const count of [0, 1, 63, 64, 65, 4_096, 4_097, 10_000]) {
    const keys = Array.from({ length: count }, (_, i) => i.toString().padStart(6, '0'));
    const tree = SortedTree.fromSorted(
      keys,
      keys.map((_, i) => i),
    );
    assertSame(tree.view(), new Map(keys.map((k, i) => [k, i])));
    for (const k of keys) assert.equal(tree.delete(k), Number(k));
    assert.equal(tree.size, 0);
  }
});

function take(model: Map<string, number>, at: string, value: number | undefined): number | undefined {
  const previous = model.get(at);
  if (value === undefined) model.delete(at);
  else model.set(at, value);
  return previous;
}

function assertSame(view: TreeView<number>, model: Map<string, number>): void {
  const keys = [...model.keys()].sort();
  assert.equal(view.size, keys.length);
  assert.deepEqual(
    view.range('', '\uffff', Number.POSITIVE_INFINITY),
    keys.map((k) => model.get(k)),
  );
  const probes = keys.length === 0 ? ['k/100'] : [keys[0], keys[keys.length >> 1], 'k/1', 'zzz'];
  for (const probe of probes as string[]) {
    assert.equal(view.get(probe), model.get(probe));
    assert.equal(view.rank(probe), keys.filter((k) => k < probe).length);
    const end = `${probe}5`;
    assert.deepEqual(
      view.range(probe, end, 3),
      keys
        .filter((k) => k >= probe && k < end)
        .slice(0, 3)
        .map((k) => model.get(k)),
    );
  }
}
