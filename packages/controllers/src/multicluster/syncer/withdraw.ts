import { hasReason } from '@kcp/apimachinery/errors/status-error';
import { unlessGone } from '../../controller/unless-gone.js';
import { CLUSTER_LABEL } from '../sync-names.js';
import { isMadeBy } from './downstream-object.js';
import type { ObjectPlace } from './feed.js';
import { isHeld, letGo } from './finalizers.js';
import { placeText, type SyncContext, type TypeOfBoth } from './sync-context.js';

/**
 * Takes an object out of the physical cluster that is deleted above, or assigned elsewhere, and only then lets go of it
 * above. While something holds it below there is nothing to be done: the feed tells when it is gone.
 */
export async function withdraw(
  context: SyncContext,
  type: TypeOfBoth,
  place: ObjectPlace,
  signal: AbortSignal,
): Promise<void> {
  if (!(await removeBelow(context, type, place, signal))) return;
  const { up, finalizer, manager, location } = context;
  const { resource } = type;
  type.agreements.delete(placeText(place));
  const found = await unlessGone(up.ask(signal, (client, stop) => client.get(resource, place, { signal: stop })));
  if (found === undefined || !isHeld(found, finalizer)) return;
  const { labels, deletionTimestamp } = found.metadata;
  // Assigned here once more, meanwhile: the feed tells that too.
  if (labels?.[CLUSTER_LABEL] === location && deletionTimestamp === undefined) return;
  const released = await unlessGone(
    up.ask(signal, (client, stop) =>
      letGo(found, { client, resource, finalizer, fieldManager: manager, signal: stop }),
    ),
  );
  if (released !== undefined && deletionTimestamp === undefined) type.up.observe(released);
}

/** True when the object is not (any more) in the physical cluster, or is none of ours. */
async function removeBelow(
  { down, source, manager }: SyncContext,
  { resource, down: feed }: TypeOfBoth,
  place: ObjectPlace,
  signal: AbortSignal,
): Promise<boolean> {
  const known = feed.get(place);
  if (known?.deleting) return false;
  const uid = known?.uid ?? (await uidOfOurs());
  if (uid === undefined) return true;
  try {
    const options = { preconditions: { uid }, propagationPolicy: 'Background' } as const;
    const answer = await down.ask(signal, (client, stop) =>
      client.delete(resource, place, { ...options, signal: stop }),
    );
    return answer.kind === 'Status';
  } catch (error) {
    if (hasReason(error, 'NotFound')) return true;
    throw error;
  }

  async function uidOfOurs(): Promise<string | undefined> {
    const there = await unlessGone(
      down.ask(signal, (client, stop) => client.get(resource, place, { metadataOnly: true, signal: stop })),
    );
    return there !== undefined && isMadeBy(there, source, manager) ? there.metadata.uid : undefined;
  }
}
