import { deepEqual, getOwn, isObject, type JsonArray, type JsonObject, type JsonValue } from '../json/value.js';
import { badElementOrderFormat, noMergeKey, orderMismatch } from './strategic-merge-error.js';

/** What identifies an element of a merging list: the value of its merge key, or for primitives the element itself. */
export function identityOf(item: JsonValue, mergeKey: string | undefined): JsonValue {
  if (mergeKey === undefined || !isObject(item)) return item;
  const key = getOwn(item, mergeKey);
  if (key === undefined) throw noMergeKey(item, mergeKey);
  return key;
}

/** A lookup from identity to first position; primitives by their value, anything else by its JSON. */
export class Positions {
  readonly #positions = new Map<JsonValue, number>();

  constructor(items: readonly JsonValue[], mergeKey: string | undefined) {
    for (const [i, item] of items.entries()) {
      const identity = lookupKey(identityOf(item, mergeKey));
      if (!this.#positions.has(identity)) this.#positions.set(identity, i);
    }
  }

  /** The first position of that identity, -1 when there is none. */
  of(identity: JsonValue): number {
    return this.#positions.get(lookupKey(identity)) ?? -1;
  }
}

function lookupKey(identity: JsonValue): JsonValue {
  return typeof identity === 'object' && identity !== null ? `json:${JSON.stringify(identity)}` : identity;
}

/**
 * Orders a merged list: elements named in `order` follow it, the others keep the order of `live`; the two are
 * interleaved by their places in `live`, and an element that is new there goes in front of what follows.
 */
export function orderElements(
  merged: readonly JsonValue[],
  order: readonly JsonValue[],
  live: readonly JsonValue[],
  mergeKey: string | undefined,
): JsonArray {
  const inOrder = new Positions(order, mergeKey);
  const inLive = new Positions(live, mergeKey);
  const named: Ranked[] = [];
  const others: Ranked[] = [];
  for (const item of merged) {
    const identity = identityOf(item, mergeKey);
    const rank = inOrder.of(identity);
    const ranked = { item, rank, live: inLive.of(identity) };
    if (rank >= 0) named.push(ranked);
    else others.push({ ...ranked, rank: ranked.live });
  }
  return interleave(others.sort(byRank), named.sort(byRank));
}

interface Ranked {
  readonly item: JsonValue;
  readonly rank: number;
  readonly live: number;
}

function byRank(a: Ranked, b: Ranked): number {
  return a.rank - b.rank;
}

function interleave(others: readonly Ranked[], named: readonly Ranked[]): JsonArray {
  const result: JsonArray = [];
  let next = 0;
  for (const one of named) {
    for (let other = others[next]; other !== undefined && standsBefore(other, one); other = others[next]) {
      result.push(other.item);
      next++;
    }
    result.push(one.item);
  }
  for (const { item } of others.slice(next)) result.push(item);
  return result;
}

function standsBefore(a: Ranked, b: Ranked): boolean {
  return a.live >= 0 && b.live >= 0 && a.live < b.live;
}

/** Refuses a patch list whose elements do not appear in `order` in the same sequence; elements to delete may. */
export function checkAgainstOrder(
  patchList: JsonArray,
  order: JsonArray,
  isDeletion: (item: JsonObject) => boolean,
  mergeKey: string | undefined,
): void {
  if (order.length === 0 || patchList.length === 0) return;
  let at = 0;
  for (const item of patchList) {
    if (isObject(item) && isDeletion(item)) continue;
    if (isObject(item) && mergeKey === undefined) throw badElementOrderFormat();
    const identity = identityOf(item, mergeKey);
    while (at < order.length && !deepEqual(identityOf(order[at] ?? null, mergeKey), identity)) at++;
    if (at === order.length) throw orderMismatch(patchList, order);
    at++;
  }
}
