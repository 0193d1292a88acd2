import type { LeafView, RootView } from './deployment-view.js';
import { distribute } from './distribute.js';
import type { Obstacle } from './root-status.js';
import { maxOf, weightOf } from './share-rules.js';

/** A physical cluster as the splitter sees it. */
export interface RegisteredCluster {
  readonly name: string;
  readonly ready: boolean;
  /** It is about to leave. */
  readonly deleting: boolean;
}

/** What is to be made of a root. */
export interface Plan {
  /** Replicas by cluster, of every leaf that is to be there. */
  readonly shares: ReadonlyMap<string, number>;
  /** Clusters whose leaves are to go. */
  readonly leaving: ReadonlySet<string>;
  /** Clusters whose leaves count in the root's status. */
  readonly counted: ReadonlySet<string>;
  readonly obstacle: Obstacle | undefined;
}

/**
 * Who gets how much. Clusters that are Ready take part; the leaf of one that is not stays at 0 until it is again, so that
 * nothing waits for a cluster that cannot be reached. When none is Ready all stays where it is.
 */
export function planOf(root: RootView, leaves: readonly LeafView[], clusters: readonly RegisteredCluster[]): Plan {
  const present = clusters.filter(({ deleting }) => !deleting);
  const has = new Map(leaves.map((leaf) => [leaf.location, leaf.replicas]));
  const ready = present.filter((cluster) => cluster.ready);
  const taking = ready.length > 0 ? ready : present.filter(({ name }) => has.has(name));
  const takers = taking.map(({ name }) => ({
    name,
    weight: weightOf(root.rules, name),
    max: maxOf(root.rules, name),
    current: has.get(name) ?? 0,
  }));
  const { shares, left } = distribute(root.replicas, takers);
  const all = new Map(shares);
  for (const { name } of present) if (!all.has(name) && has.has(name)) all.set(name, 0);
  const names = new Set(present.map(({ name }) => name));
  return {
    shares: all,
    leaving: new Set([...has.keys()].filter((name) => !names.has(name))),
    counted: new Set(ready.map(({ name }) => name)),
    obstacle: obstacleOf(present.length, ready.length, takers.length, left),
  };
}

function obstacleOf(present: number, ready: number, takers: number, left: number): Obstacle | undefined {
  if (present === 0) return { reason: 'NoRegisteredClusters', message: 'no physical cluster is registered' };
  if (ready === 0) return { reason: 'NoReadyClusters', message: 'no physical cluster is Ready' };
  if (left === 0 || takers === 0) return undefined;
  const replicas = left === 1 ? '1 replica is' : `${left} replicas are`;
  return { reason: 'InsufficientCapacity', message: `${replicas} more than the clusters may take` };
}
