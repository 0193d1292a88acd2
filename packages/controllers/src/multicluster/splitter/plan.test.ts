import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { LeafView, RootView } from './deployment-view.js';
import { planOf, type RegisteredCluster } from './plan.js';
import { shareRules } from './share-rules.js';

const FACTS = { uid: 'u', generation: 1, deleting: false, spec: 's', carried: 'c', status: {} };
const root = (replicas: number, annotations: Record<string, string> = {}): RootView => ({
  ...FACTS,
  kind: 'root',
  replicas,
  rules: shareRules(annotations),
});
const leaf = (location: string, replicas: number): LeafView => ({
  ...FACTS,
  kind: 'leaf',
  replicas,
  location,
  rootName: 'web',
  rootUid: 'u',
});

/** A round: the leaves as the plan wants them. */
function settle(of: RootView, leaves: readonly LeafView[], clusters: readonly RegisteredCluster[]): LeafView[] {
  return [...planOf(of, leaves, clusters).shares].map(([name, replicas]) => leaf(name, replicas));
}

const sum = (leaves: readonly LeafView[]) => leaves.reduce((all, { replicas }) => all + replicas, 0);
const texts = (leaves: readonly LeafView[]) => leaves.map((one) => `${one.location}=${one.replicas}`).sort();

/** What may happen, one after the other. */
const names = fc.constantFrom('east', 'west', 'north', 'south');
const happenings = fc.array(
  fc.oneof(
    fc.record({ what: fc.constant('joins' as const), name: names }),
    fc.record({ what: fc.constant('leaves' as const), name: names }),
    fc.record({ what: fc.constant('is ready' as const), name: names }),
    fc.record({ what: fc.constant('is lost' as const), name: names }),
    fc.record({ what: fc.constant('scaled' as const), replicas: fc.integer({ min: 0, max: 40 }) }),
    fc.record({ what: fc.constant('leaf deleted' as const), name: names }),
    fc.record({ what: fc.constant('leaf changed' as const), name: names, replicas: fc.integer({ min: 0, max: 40 }) }),
  ),
  { maxLength: 30 },
);

describe('the plan for a root', () => {
  test('whatever happens, after one round the leaves sum to the root, and another round changes nothing', () => {
    fc.assert(
      fc.property(happenings, (all) => {
        const clusters = new Map<string, RegisteredCluster>([['east', { name: 'east', ready: true, deleting: false }]]);
        let [of, leaves] = [root(15), settle(root(15), [], [...clusters.values()])];
        for (const one of all) {
          if (one.what === 'scaled') of = root(one.replicas);
          else if (one.what === 'leaf deleted') leaves = leaves.filter(({ location }) => location !== one.name);
          else if (one.what === 'leaf changed') {
            leaves = leaves.map((known) => (known.location === one.name ? leaf(one.name, one.replicas) : known));
          } else if (one.what === 'leaves') clusters.delete(one.name);
          else clusters.set(one.name, { name: one.name, ready: one.what !== 'is lost', deleting: false });
          const present = [...clusters.values()];
          leaves = settle(of, leaves, present);
          const somebody = present.some(({ ready }) => ready) || leaves.length > 0;
          if (somebody) assert.equal(sum(leaves), of.replicas, JSON.stringify(one));
          assert.deepEqual(texts(settle(of, leaves, present)), texts(leaves));
        }
      }),
    );
  });

  test('nothing is given to a cluster that is not Ready or is about to leave', () => {
    const clusters = [
      { name: 'east', ready: true, deleting: false },
      { name: 'lost', ready: false, deleting: false },
      { name: 'leaving', ready: true, deleting: true },
    ];
    const plan = planOf(root(4), [leaf('lost', 2), leaf('leaving', 2)], clusters);
    assert.deepEqual(Object.fromEntries(plan.shares), { east: 4, lost: 0 });
    assert.deepEqual([...plan.leaving], ['leaving']);
    assert.deepEqual([...plan.counted], ['east']);
  });

  test('no cluster at all, none that is Ready, and too little room are told apart', () => {
    const lost = { name: 'lost', ready: false, deleting: false };
    assert.equal(planOf(root(1), [], []).obstacle?.reason, 'NoRegisteredClusters');
    assert.equal(planOf(root(1), [], [lost]).obstacle?.reason, 'NoReadyClusters');
    const small = root(5, { 'kcp.dev/max-replicas.east': '4' });
    const { obstacle } = planOf(small, [], [{ name: 'east', ready: true, deleting: false }]);
    assert.deepEqual(obstacle, {
      reason: 'InsufficientCapacity',
      message: '1 replica is more than the clusters may take',
    });
  });
});
