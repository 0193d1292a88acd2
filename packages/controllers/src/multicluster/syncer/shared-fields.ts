import { deepEqual, type JsonValue } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { nameOf } from './finalizers.js';
import type { Agreement, SyncContext, TypeOfBoth } from './sync-context.js';
import { type FieldPath, isAppliedBy, onlyField, syncUpPaths, valueAt, withoutField } from './sync-up.js';

/** An object above, and what of it is to be applied below, after the fields that the cluster may change were settled. */
export interface Settled {
  readonly object: KubeObject;
  /** Not to be applied: somebody in the physical cluster has set them. */
  readonly left: readonly FieldPath[];
  readonly shared: ReadonlyMap<string, JsonValue | undefined>;
}

/**
 * Settles the fields that the annotation leaves to the physical cluster. Whoever changed a field last has his way: below
 * that is seen by the field's manager, above by its value when both sides last agreed. When both changed it while the
 * syncer looked on, the change above counts; when it looked away, the one below.
 */
export async function settleSharedFields(
  context: SyncContext,
  type: TypeOfBoth,
  object: KubeObject,
  agreement: Agreement | undefined,
  signal: AbortSignal,
): Promise<Settled> {
  const paths = syncUpPaths(object);
  const shared = new Map<string, JsonValue | undefined>();
  if (paths.length === 0) return { object, left: [], shared };
  const place = nameOf(object.metadata);
  const isThere = type.down.get({ namespace: place.namespace ?? '', name: place.name }) !== undefined;
  const live = isThere
    ? await context.down.ask(signal, (client, stop) => client.get(type.resource, place, { signal: stop }))
    : undefined;
  const left: FieldPath[] = [];
  let present = object;
  for (const path of paths) {
    if (live !== undefined && isTheirs(context, agreement, present, live, path)) {
      left.push(path);
      present = await raise(context, type, present, path, valueAt(live, path), signal);
    }
    shared.set(path.join('.'), valueAt(present, path));
  }
  return { object: present, left, shared };
}

/** What is to be applied: all but the fields that are left to others. */
export function withoutLeft(object: KubeObject, left: readonly FieldPath[]): KubeObject {
  return left.reduce<KubeObject>((rest, path) => ({ ...object, ...withoutField(rest, path) }), object);
}

function isTheirs(
  { manager }: SyncContext,
  agreement: Agreement | undefined,
  object: KubeObject,
  live: KubeObject,
  path: FieldPath,
): boolean {
  if (valueAt(live, path) === undefined || isAppliedBy(live, manager, path)) return false;
  const name = path.join('.');
  if (agreement === undefined || !agreement.shared.has(name)) return true;
  return deepEqual(agreement.shared.get(name), valueAt(object, path));
}

async function raise(
  { up, manager }: SyncContext,
  { resource, up: feed }: TypeOfBoth,
  object: KubeObject,
  path: FieldPath,
  value: JsonValue | undefined,
  signal: AbortSignal,
): Promise<KubeObject> {
  if (value === undefined || deepEqual(value, valueAt(object, path))) return object;
  const patch = { type: 'merge', value: onlyField(path, value) } as const;
  const raised = await up.ask(signal, (client, stop) =>
    client.patch(resource, nameOf(object.metadata), patch, { fieldManager: manager, signal: stop }),
  );
  feed.observe(raised);
  return raised;
}
