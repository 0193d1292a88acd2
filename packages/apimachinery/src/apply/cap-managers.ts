import { EMPTY_SET, type FieldSet, unionSets } from './field-set.js';
import { identityText, type ManagerEntry } from './managed-fields.js';
import { compareNames } from './path-element.js';

/** How many Update entries an object keeps; the oldest beyond that are merged. */
export const MAX_UPDATE_MANAGERS = 10;

/** The manager of what was merged. */
export const ANCIENT_CHANGES = 'ancient-changes';

/** Merges the oldest Update entries of each apiVersion into one, until there are no more than the limit. */
export function capUpdateManagers(entries: readonly ManagerEntry[]): readonly ManagerEntry[] {
  const updates = entries.filter((entry) => entry.operation === 'Update');
  let excess = updates.length - MAX_UPDATE_MANAGERS;
  if (excess <= 0) return entries;
  const gone = new Set<ManagerEntry>();
  const buckets = new Map<string, ManagerEntry[]>();
  for (const entry of oldestFirst(updates)) {
    const bucket = buckets.get(entry.apiVersion);
    if (bucket !== undefined) {
      if (excess <= 0) break;
      excess--;
    }
    gone.add(entry);
    if (bucket === undefined) buckets.set(entry.apiVersion, [entry]);
    else bucket.push(entry);
  }
  return [...entries.filter((entry) => !gone.has(entry)), ...[...buckets.values()].flatMap(merged)];
}

/** One entry for all of them, with the time of the latest. */
function merged(bucket: readonly ManagerEntry[]): readonly ManagerEntry[] {
  const latest = bucket.at(-1);
  if (latest === undefined || bucket.length === 1) return bucket;
  const { apiVersion, time } = latest;
  const fields = unionOfAll(bucket.map((entry) => entry.fields));
  return [{ manager: ANCIENT_CHANGES, operation: 'Update', apiVersion, subresource: '', time, fields }];
}

/** Halves are united with each other, so that of thousands none is copied more than a few times. */
function unionOfAll(sets: readonly FieldSet[]): FieldSet {
  const [first = EMPTY_SET] = sets;
  if (sets.length < 2) return first;
  const half = sets.length >> 1;
  return unionSets(unionOfAll(sets.slice(0, half)), unionOfAll(sets.slice(half)));
}

/** In the order of their times, and then of what they are of; that is written out once for each. */
function oldestFirst(entries: readonly ManagerEntry[]): readonly ManagerEntry[] {
  return entries
    .map((entry) => ({ entry, time: entry.time ?? '', text: identityText(entry) }))
    .sort((a, b) => compareNames(a.time, b.time) || compareNames(a.text, b.text))
    .map(({ entry }) => entry);
}
