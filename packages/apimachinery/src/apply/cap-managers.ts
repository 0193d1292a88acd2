import { unionSets } from './field-set.js';
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
  const buckets = new Map<string, ManagerEntry>();
  for (const entry of updates.sort(oldestFirst)) {
    const bucket = buckets.get(entry.apiVersion);
    if (bucket !== undefined) {
      if (excess <= 0) break;
      excess--;
    }
    gone.add(entry);
    buckets.set(entry.apiVersion, bucket === undefined ? entry : mergeInto(bucket, entry));
  }
  return [...entries.filter((entry) => !gone.has(entry)), ...buckets.values()];
}

function mergeInto(bucket: ManagerEntry, entry: ManagerEntry): ManagerEntry {
  return {
    manager: ANCIENT_CHANGES,
    operation: 'Update',
    apiVersion: entry.apiVersion,
    subresource: '',
    time: entry.time,
    fields: unionSets(entry.fields, bucket.fields),
  };
}

function oldestFirst(a: ManagerEntry, b: ManagerEntry): number {
  return compareNames(a.time ?? '', b.time ?? '') || compareNames(identityText(a), identityText(b));
}
