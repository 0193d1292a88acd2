import { hasReason, type StatusError } from '@kcp/apimachinery/errors/status-error';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { unlessGone } from '../../controller/unless-gone.js';
import { ObjectFault } from '../object-fault.js';
import { contentDigest, type ObjectDigest } from './digest.js';
import { downstreamObject, isMadeBy } from './downstream-object.js';
import type { ObjectPlace } from './feed.js';
import { hold } from './finalizers.js';
import { settleSharedFields, withoutLeft } from './shared-fields.js';
import { type Agreement, placeText, type SyncContext, type TypeOfBoth } from './sync-context.js';

/**
 * Makes an object in the physical cluster what it is above, by server-side apply. Does nothing where both are as when
 * they last agreed. The finalizer comes first, so that whatever is made can be taken away again.
 */
export async function bringDown(
  context: SyncContext,
  type: TypeOfBoth,
  place: ObjectPlace,
  digest: ObjectDigest,
  signal: AbortSignal,
): Promise<void> {
  const below = type.down.get(place);
  const agreement = type.agreements.get(placeText(place));
  // What is on its way out is made anew when it is gone.
  if (below?.deleting || (agreement !== undefined && holds(context, agreement, digest, below))) return;
  const found = await unlessGone(
    context.up.ask(signal, (client, stop) => client.get(type.resource, place, { signal: stop })),
  );
  if (found === undefined || found.metadata.uid !== digest.uid) return;
  if (found.metadata.deletionTimestamp !== undefined) return;
  const held = digest.held ? found : await take(context, type, found, signal);
  if (below === undefined) await mustBeOurs(context, type, place, signal);
  const { object, left, shared } = await settleSharedFields(context, type, held, agreement, signal);
  const wanted = withoutLeft(
    downstreamObject(object, context.source, ({ uid }) => context.ownerUid(uid)),
    left,
  );
  const applied = await apply(context, type, wanted, signal);
  type.down.observe(applied);
  type.agreements.set(placeText(place), {
    up: contentDigest(object),
    down: contentDigest(applied),
    owners: (wanted.metadata.ownerReferences ?? []).map(({ uid }) => uid).join(),
    upGeneration: object.metadata.generation ?? 0,
    downGeneration: applied.metadata.generation ?? 0,
    shared,
    statusDown: agreement?.statusDown,
    statusUp: agreement?.statusUp,
  });
}

/** True while nothing has changed since both sides agreed. */
function holds(
  context: SyncContext,
  { up, down, owners }: Agreement,
  digest: ObjectDigest,
  below: ObjectDigest | undefined,
): boolean {
  if (!digest.held || up !== digest.content || down !== below?.content) return false;
  return digest.owners.length === 0 || owners === knownOwners(context, digest.owners).join();
}

/** The uids, downstream, of those owners that are there. */
function knownOwners({ ownerUid }: SyncContext, owners: readonly string[]): string[] {
  return owners.flatMap((uid) => ownerUid(uid) ?? []);
}

async function take(
  { up, finalizer, manager }: SyncContext,
  type: TypeOfBoth,
  object: KubeObject,
  signal: AbortSignal,
): Promise<KubeObject> {
  const { resource } = type;
  const held = await up.ask(signal, (client, stop) =>
    hold(object, { client, resource, finalizer, fieldManager: manager, signal: stop }),
  );
  type.up.observe(held);
  return held;
}

/** What is there by the same name but not by us is nobody's to overwrite. Throws ObjectFault. */
async function mustBeOurs(
  { down, source, manager }: SyncContext,
  { resource }: TypeOfBoth,
  place: ObjectPlace,
  signal: AbortSignal,
): Promise<void> {
  const options = { metadataOnly: true };
  const there = await unlessGone(
    down.ask(signal, (client, stop) => client.get(resource, place, { ...options, signal: stop })),
  );
  if (there === undefined || isMadeBy(there, source, manager)) return;
  throw new ObjectFault('NameTaken', 'an object of this name is there already, and was not made for this one');
}

async function apply(
  { down, namespaces, manager }: SyncContext,
  { resource }: TypeOfBoth,
  object: KubeObject,
  signal: AbortSignal,
): Promise<KubeObject> {
  const send = () =>
    down.ask(signal, (client, stop) =>
      client.apply(resource, object, { fieldManager: manager, force: true, signal: stop }),
    );
  try {
    return await send();
  } catch (error) {
    if (!hasReason(error, 'NotFound') || !isAboutNamespace(error)) throw error;
  }
  await namespaces.make(object.metadata.namespace ?? '', signal);
  return send();
}

function isAboutNamespace({ status }: StatusError): boolean {
  return status.details?.kind === 'namespaces';
}
