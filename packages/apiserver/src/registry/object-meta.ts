import { randomInt, randomUUID } from 'node:crypto';
import type { KubeObject, ObjectMeta } from '@kcp/apimachinery/meta/object';
import { formatTime } from '../clock.js';
import { GENERATED_BASE_LENGTH_MAX } from '../limits.js';

/** No vowels and no look-alikes, as upstream's `rand.String`. */
const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;

/** What a client may not say of a new object; admission must not see it either. */
export function wipeSystemFields({ metadata }: KubeObject): void {
  delete metadata.uid;
  delete metadata.creationTimestamp;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.selfLink;
}

/** What the server alone decides of a new object's metadata. */
export function fillSystemFields(object: KubeObject, now: number, withGeneration: boolean): void {
  const { metadata } = object;
  metadata.uid = randomUUID();
  metadata.creationTimestamp = formatTime(now);
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  // Where the server does not count, a client's number stays.
  if (withGeneration) metadata.generation = 1;
}

/**
 * What an update does not change is taken from the stored object. The marks of a deletion can only be repeated: an
 * object that has none is refused with them.
 */
export function restoreSystemFields({ metadata }: KubeObject, { metadata: old }: KubeObject): void {
  take('generation', metadata, old);
  take('creationTimestamp', metadata, old);
  if (old.deletionTimestamp !== undefined) take('deletionTimestamp', metadata, old);
  if (metadata.deletionGracePeriodSeconds === undefined) take('deletionGracePeriodSeconds', metadata, old);
  metadata.uid ??= old.uid ?? '';
}

function take(key: 'generation' | 'creationTimestamp' | Deletion, metadata: ObjectMeta, old: ObjectMeta): void {
  const value = old[key];
  if (value === undefined) delete metadata[key];
  else metadata[key] = value as never;
}

type Deletion = 'deletionTimestamp' | 'deletionGracePeriodSeconds';

/** A stored object, which carries no resourceVersion of its own, as admission sees it. Shares all but its metadata. */
export function atRevision(object: KubeObject, revision: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
}

/** `base` cut to fit, with five random characters. */
export function generateName(base: string): string {
  let name = base.slice(0, GENERATED_BASE_LENGTH_MAX);
  for (let i = 0; i < SUFFIX_LENGTH; i++) name += SUFFIX_ALPHABET[randomInt(SUFFIX_ALPHABET.length)];
  return name;
}
