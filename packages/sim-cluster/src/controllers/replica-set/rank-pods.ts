import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readNumber, readObjects, readString } from '@kcp/apimachinery/schema/read';
import { conditionOf, isReady, nodeOf, phaseOf, statusOf } from '../pod-facts.js';

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const PHASES = ['Pending', 'Unknown', 'Running'];

/**
 * The order in which pods are given up when there are too many (upstream's `ActivePodsWithRanks`): unbound, pending,
 * not ready, cheap, on crowded nodes, ready for a short time, often restarted, young.
 */
export function inOrderOfDeletion(pods: readonly KubeObject[]): KubeObject[] {
  const perNode = new Map<string, number>();
  for (const pod of pods) perNode.set(nodeOf(pod), (perNode.get(nodeOf(pod)) ?? 0) + 1);
  const rank = (pod: KubeObject): number[] => [
    nodeOf(pod) === '' ? 0 : 1,
    PHASES.indexOf(phaseOf(pod)),
    isReady(pod) ? 1 : 0,
    Number(pod.metadata.annotations?.[DELETION_COST] ?? 0) || 0,
    -(perNode.get(nodeOf(pod)) ?? 0),
    -timeOf(readString(conditionOf(pod, 'Ready') ?? {}, 'lastTransitionTime')),
    -restarts(pod),
    -timeOf(pod.metadata.creationTimestamp ?? ''),
  ];
  const ranked = pods.map((pod) => ({ pod, rank: rank(pod) }));
  ranked.sort((a, b) => compareRanks(a.rank, b.rank));
  return ranked.map(({ pod }) => pod);
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function timeOf(text: string): number {
  return Date.parse(text) || 0;
}

function restarts(pod: KubeObject): number {
  const counts = readObjects(statusOf(pod), 'containerStatuses').map((one) => readNumber(one, 'restartCount') ?? 0);
  return Math.max(0, ...counts);
}
