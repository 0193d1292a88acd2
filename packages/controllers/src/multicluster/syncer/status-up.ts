import { isObject, type JsonObject, type JsonValue } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readNumber } from '@kcp/apimachinery/schema/read';
import { unlessGone } from '../../controller/unless-gone.js';
import { type ObjectDigest, statusDigest, valueDigest } from './digest.js';
import type { ObjectPlace } from './feed.js';
import { type Agreement, placeText, type SyncContext, type TypeOfBoth } from './sync-context.js';

/**
 * Makes the status of an object above what it is in the physical cluster, through `/status`. Does nothing while both are
 * as when they last agreed: the schema above may know less of a status than the one below.
 */
export async function bringStatusUp(
  context: SyncContext,
  type: TypeOfBoth,
  place: ObjectPlace,
  digest: ObjectDigest,
  signal: AbortSignal,
): Promise<void> {
  const below = type.down.get(place);
  const agreement = type.agreements.get(placeText(place));
  if (below === undefined || below.status === undefined || agreement === undefined) return;
  if (agreement.statusDown === below.status && agreement.statusUp === digest.status) return;
  const found = await unlessGone(
    context.down.ask(signal, (client, stop) => client.get(type.resource, place, { signal: stop })),
  );
  const status = found?.status;
  if (found === undefined || !isObject(status)) return;
  const told = statusAbove(status, agreement);
  const statusUp =
    valueDigest(told) === digest.status ? digest.status : await write(context, type, place, told, signal);
  if (statusUp === undefined) return;
  type.agreements.set(placeText(place), { ...agreement, statusDown: statusDigest(found), statusUp });
}

/** Generations are counted on each side by itself: the status above speaks of those above. */
export function statusAbove(
  status: JsonObject,
  { upGeneration, downGeneration }: Pick<Agreement, 'upGeneration' | 'downGeneration'>,
): JsonObject {
  const observed = readNumber(status, 'observedGeneration');
  if (observed === undefined) return status;
  return { ...status, observedGeneration: observed >= downGeneration ? upGeneration : Math.max(0, upGeneration - 1) };
}

/** The digest of the status as it was taken; undefined when the object is gone. */
async function write(
  { up, manager }: SyncContext,
  type: TypeOfBoth,
  place: ObjectPlace,
  value: JsonValue,
  signal: AbortSignal,
): Promise<string | undefined> {
  const patch = { type: 'json', operations: [{ op: 'add', path: '/status', value }] } as const;
  const options = { subresource: 'status', fieldManager: manager };
  const written: KubeObject | undefined = await unlessGone(
    up.ask(signal, (client, stop) => client.patch(type.resource, place, patch, { ...options, signal: stop })),
  );
  if (written === undefined) return undefined;
  type.up.observe(written);
  return statusDigest(written);
}
