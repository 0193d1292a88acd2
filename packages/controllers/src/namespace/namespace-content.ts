import { StatusError } from '@kcp/apimachinery/errors/status-error';
import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import type { DiscoveredResource } from '@kcp/client/discovery/discover';
import type { Client } from '@kcp/client/rest/client';
import type { ObjectList } from '@kcp/client/rest/options';
import { inTurn } from '../controller/in-turn.js';
import { OBJECTS_AT_ONCE, TYPES_AT_ONCE } from '../limits.js';

/** What is left of a namespace's content after an attempt to delete it. */
export interface ContentReport {
  readonly discoveryFailure: string | undefined;
  /** Why types could not be emptied, one text each. */
  readonly failures: readonly string[];
  readonly remaining: readonly RemainingType[];
  /** Finalizers that hold something, and how many objects each. */
  readonly finalizers: ReadonlyMap<string, number>;
}

export interface RemainingType {
  readonly resource: GroupVersionResource;
  readonly count: number;
  /** What remained at which resourceVersion. */
  readonly resourceVersion: string;
}

/**
 * Deletes everything that is in a namespace, of every type that the logical cluster serves, built-in or custom, and
 * tells what is left. Failures are part of the report; only a signal that aborts rejects.
 */
export async function deleteContent(client: Client, namespace: string, signal: AbortSignal): Promise<ContentReport> {
  const found = await discovered(client, signal);
  if (typeof found === 'string') return { discoveryFailure: found, failures: [], remaining: [], finalizers: new Map() };
  const failures: string[] = [];
  const types = found.filter(({ namespaced, verbs }) => namespaced && verbs.has('delete'));
  const left = await inTurn(types, TYPES_AT_ONCE, (type) =>
    emptyType(client, type, namespace, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      failures.push(textOf(error));
      return undefined;
    }),
  );
  return { discoveryFailure: undefined, ...reportOf(types, left, namespace, failures) };
}

async function discovered(client: Client, signal: AbortSignal): Promise<readonly DiscoveredResource[] | string> {
  try {
    return await client.discover({ signal });
  } catch (error) {
    signal.throwIfAborted();
    return textOf(error);
  }
}

/** Deletes the objects of one type; gives what is there after that, undefined for types that cannot be listed. */
async function emptyType(
  client: Client,
  type: DiscoveredResource,
  namespace: string,
  signal: AbortSignal,
): Promise<ObjectList | undefined> {
  const before = await listOf(client, type, namespace, signal);
  if (before?.items.length === 0) return before;
  if (type.verbs.has('deletecollection')) {
    await unlessUnsupported(client.deleteCollection(type, { namespace, signal }, { propagationPolicy: 'Background' }));
  } else {
    await inTurn(before?.items ?? [], OBJECTS_AT_ONCE, ({ metadata: { name = '' } }) =>
      unlessUnsupported(client.delete(type, { namespace, name }, { propagationPolicy: 'Background', signal })),
    );
  }
  return listOf(client, type, namespace, signal);
}

async function listOf(
  client: Client,
  type: DiscoveredResource,
  namespace: string,
  signal: AbortSignal,
): Promise<ObjectList | undefined> {
  if (!type.verbs.has('list')) return undefined;
  return unlessUnsupported(client.list(type, { namespace, metadataOnly: true, signal }));
}

/** A type that went away since discovery, or that does not support the verb after all, holds up nothing. */
async function unlessUnsupported<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof StatusError && (error.code === 404 || error.code === 405)) return undefined;
    throw error;
  }
}

function reportOf(
  types: readonly DiscoveredResource[],
  left: readonly (ObjectList | undefined)[],
  namespace: string,
  failures: string[],
): Omit<ContentReport, 'discoveryFailure'> {
  const remaining: RemainingType[] = [];
  const finalizers = new Map<string, number>();
  for (const [at, resource] of types.entries()) {
    const list = left[at];
    if (list === undefined || list.items.length === 0) continue;
    remaining.push({ resource, count: list.items.length, resourceVersion: list.resourceVersion });
    const held = list.items.flatMap(({ metadata }) => metadata.finalizers ?? []);
    for (const name of held) finalizers.set(name, (finalizers.get(name) ?? 0) + 1);
    if (held.length === 0) failures.push(unexpected(namespace, resource));
  }
  return { failures, remaining, finalizers };
}

function unexpected(namespace: string, { group, version, resource }: GroupVersionResource): string {
  return `unexpected items still remain in namespace: ${namespace} for gvr: ${group}/${version}, Resource=${resource}`;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
