import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readNumber, readObject, readString } from '@kcp/apimachinery/schema/read';
import { scaledValue } from '../../types/numbers.js';
import { specOf, statusOf } from '../pod-facts.js';

/** How many pods more and less than wanted a rollout may have for a while. */
export interface Leeway {
  readonly surge: number;
  readonly unavailable: number;
}

/** What a strategy allows (upstream's `ResolveFenceposts`): never both none. */
export function leewayOf(deployment: KubeObject): Leeway {
  const spec = specOf(deployment);
  const strategy = readObject(spec, 'strategy') ?? {};
  const total = replicasWanted(deployment);
  if (readString(strategy, 'type') === 'Recreate') return { surge: 0, unavailable: 0 };
  const rolling: JsonObject = { maxSurge: '25%', maxUnavailable: '25%', ...readObject(strategy, 'rollingUpdate') };
  const surge = scaledValue(rolling, 'maxSurge', total, true);
  const unavailable = scaledValue(rolling, 'maxUnavailable', total, false);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : Math.min(unavailable, total) };
}

export function replicasWanted(object: KubeObject): number {
  return readNumber(specOf(object), 'replicas') ?? 1;
}

export function sumOf(sets: readonly KubeObject[], count: (set: KubeObject) => number): number {
  return sets.reduce((sum, set) => sum + count(set), 0);
}

export function available(set: KubeObject): number {
  return readNumber(statusOf(set), 'availableReplicas') ?? 0;
}

/** How many replicas the new set may have now. */
export function newReplicas(
  deployment: KubeObject,
  current: KubeObject | undefined,
  sets: readonly KubeObject[],
): number {
  const wanted = replicasWanted(deployment);
  const present = current === undefined ? 0 : replicasWanted(current);
  if (readString(readObject(specOf(deployment), 'strategy') ?? {}, 'type') === 'Recreate') return wanted;
  const most = wanted + leewayOf(deployment).surge;
  const room = most - sumOf(sets, replicasWanted);
  return room <= 0 ? present : present + Math.min(room, wanted - present);
}

/**
 * The replicas that the old sets may have now: first what is not available anyway goes, then as many as the leeway
 * allows, from the oldest set on. Only changes are in the result.
 */
export function oldReplicas(
  deployment: KubeObject,
  current: KubeObject,
  old: readonly KubeObject[],
): ReadonlyMap<KubeObject, number> {
  const least = replicasWanted(deployment) - leewayOf(deployment).unavailable;
  const all = sumOf([...old, current], replicasWanted);
  const newUnavailable = replicasWanted(current) - available(current);
  let removable = all - least - newUnavailable;
  const wanted = new Map(old.map((set) => [set, replicasWanted(set)]));
  if (removable <= 0) return new Map();
  for (const set of old) removable -= take(wanted, set, Math.min(removable, replicasWanted(set) - available(set)));
  let spare = sumOf([...old, current], available) - least;
  for (const set of old) {
    const taken = take(wanted, set, Math.min(spare, available(set)));
    spare -= taken;
  }
  return new Map([...wanted].filter(([set, replicas]) => replicas !== replicasWanted(set)));
}

/** Takes up to `count` replicas from a set; returns how many it took. */
function take(wanted: Map<KubeObject, number>, set: KubeObject, count: number): number {
  const present = wanted.get(set) ?? 0;
  const taken = Math.max(0, Math.min(present, count));
  wanted.set(set, present - taken);
  return taken;
}

/**
 * Spreads a change of the wanted number over the sets in proportion to their size, as a rollout that is under way
 * requires; the largest set takes what is left over.
 */
export function proportionalReplicas(
  deployment: KubeObject,
  sets: readonly KubeObject[],
): ReadonlyMap<KubeObject, number> {
  const active = sets.filter((set) => replicasWanted(set) > 0);
  const total = sumOf(active, replicasWanted);
  const wanted = replicasWanted(deployment);
  const allowed = wanted > 0 ? wanted + leewayOf(deployment).surge : 0;
  let left = allowed - total;
  if (left === 0 || total === 0) return new Map();
  const bySize = [...active].sort((a, b) => replicasWanted(b) - replicasWanted(a));
  const result = new Map<KubeObject, number>();
  for (const set of bySize) {
    const share = Math.round((replicasWanted(set) * allowed) / total) - replicasWanted(set);
    const change = left > 0 ? Math.min(Math.max(share, 0), left) : Math.max(Math.min(share, 0), left);
    result.set(set, replicasWanted(set) + change);
    left -= change;
  }
  const [largest] = bySize;
  if (largest !== undefined && left !== 0) result.set(largest, Math.max(0, (result.get(largest) ?? 0) + left));
  return new Map([...result].filter(([set, replicas]) => replicas !== replicasWanted(set)));
}
