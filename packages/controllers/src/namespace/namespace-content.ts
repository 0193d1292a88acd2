import { StatusError } from '@kcp/apimachinery/errors/status-error';
import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import type { DiscoveredResource } from '@kcp/client/discovery/discover';
import type { Client } from '@kcp/client/rest/client';
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

interface TypeReport extends RemainingType {
  readonly finalizers: ReadonlyMap<string, number>;
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
  const remaining = left.filter((report) => report !== undefined);
  return { discoveryFailure: undefined, ...reportOf(remaining, namespace, failures) };
}

async function discovered(client: Client, signal: AbortSignal): Promise<readonly DiscoveredResource[] | string> {
  try {
    return await client.discover({ signal });
  } catch (error) {
    signal.throwIfAborted();
    return textOf(error);
  }
}

/** Deletes the objects of one type; gives what is there after that, undefined where that is nothing. */
async function emptyType(
  client: Client,
  type: DiscoveredResource,
  namespace: string,
  signal: AbortSignal,
): Promise<TypeReport | undefined> {
  if (await isEmpty(client, type, namespace, signal)) return undefined;
  if (type.verbs.has('deletecollection')) {
    await unlessUnsupported(client.deleteCollection(type, { namespace, signal }, { propagationPolicy: 'Background' }));
  } else {
    await unlessUnsupported(deleteEach(client, type, namespace, signal));
  }
  return unlessUnsupported(remainingOf(client, type, namespace, signal));
}

/** One object is enough to know; types that cannot be listed may hold some. */
async function isEmpty(
  client: Client,
  type: DiscoveredResource,
  namespace: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (!type.verbs.has('list')) return false;
  const first = await unlessUnsupported(client.list(type, { namespace, metadataOnly: true, limit: 1, signal }));
  return first === undefined || first.items.length === 0;
}

async function deleteEach(
  client: Client,
  type: DiscoveredResource,
  namespace: string,
  signal: AbortSignal,
): Promise<void> {
  if (!type.verbs.has('list')) return;
  for await (const { items } of client.pages(type, { namespace, metadataOnly: true, signal })) {
    await inTurn(items, OBJECTS_AT_ONCE, ({ metadata: { name = '' } }) =>
      unlessUnsupported(client.delete(type, { namespace, name }, { propagationPolicy: 'Background', signal })),
    );
  }
}

async function remainingOf(
  client: Client,
  type: DiscoveredResource,
  namespace: string,
  signal: AbortSignal,
): Promise<TypeReport | undefined> {
  if (!type.verbs.has('list')) return undefined;
  const finalizers = new Map<string, number>();
  let count = 0;
  let at = '';
  for await (const { items, resourceVersion } of client.pages(type, { namespace, metadataOnly: true, signal })) {
    count += items.length;
    at = resourceVersion;
    for (const name of items.flatMap(({ metadata }) => metadata.finalizers ?? [])) countIn(finalizers, name, 1);
  }
  return count === 0 ? undefined : { resource: type, count, resourceVersion: at, finalizers };
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
  left: readonly TypeReport[],
  namespace: string,
  failures: string[],
): Omit<ContentReport, 'discoveryFailure'> {
  const finalizers = new Map<string, number>();
  for (const { resource, finalizers: held } of left) {
    for (const [name, count] of held) countIn(finalizers, name, count);
    if (held.size === 0) failures.push(unexpected(namespace, resource));
  }
  return { failures, remaining: left, finalizers };
}

function countIn(counts: Map<string, number>, name: string, more: number): void {
  counts.set(name, (counts.get(name) ?? 0) + more);
}

function unexpected(namespace: string, { group, version, resource }: GroupVersionResource): string {
  return `unexpected items still remain in namespace: ${namespace} for gvr: ${group}/${version}, Resource=${resource}`;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
