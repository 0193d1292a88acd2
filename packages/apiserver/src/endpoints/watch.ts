import { newUntyped } from '@kcp/apimachinery/errors/status-error';
import type { CachedObject, ResourceCache } from '@kcp/storage/cache';
import type { ApiResponse } from '../http/exchange.js';
import { type ListOptions, parseListOptions, parseResourceVersion } from '../request/list-options.js';
import { negotiate } from '../request/negotiation.js';
import { freshCache } from './freshness.js';
import { offerOf } from './get.js';
import { concernsOwnership } from './ownership.js';
import type { ResourceRequest } from './resource-request.js';
import { type Selection, selectionOf } from './selection.js';
import { includeObjectOf } from './table-output.js';
import { frameEncoder } from './watch-frames.js';
import { type WatchPlan, WatchSession } from './watch-session.js';
import { watchContentType, watchTimeoutMs } from './watch-timing.js';
import { watchView } from './watch-view.js';

const CONVERSIONS = ['Table', 'PartialObjectMetadata'] as const;

/** Watch of a collection, or of one object by its name. Headers go out at once, before any event. */
export async function watchEndpoint(rr: ResourceRequest): Promise<ApiResponse> {
  const format = negotiate(rr.request.header('accept'), { ...offerOf(rr.type, CONVERSIONS), streams: true });
  const options = parseListOptions(rr.info.query, true);
  const selection = selectionOf(rr.type, options.labelSelector, options.fieldSelector, rr.target.name);
  if (rr.type.backing.kind === 'view') return watchView(rr, format, options, selection);
  const from = startOf(options);
  const cache = await freshCache(rr.registry, rr.type, 0, rr.request);
  await selection.prepare(() => cache.list(rr.info.scope, rr.type.namespaced ? rr.target.namespace : '').items);
  const plan = planOf(rr, options, selection, cache, from);
  await rr.type.codec.remote?.prepare(plan.initial ?? []);
  const { clock } = rr.registry;
  const frames = frameEncoder(
    rr.type,
    rr.info.scope,
    format,
    () => includeObjectOf(rr.info.query.get('includeObject')),
    () => clock.now(),
  );
  return {
    kind: 'stream',
    status: 200,
    headers: { 'content-type': watchContentType(format) },
    run: (sink) => new WatchSession(plan, cache, frames, sink, clock).start(),
  };
}

/** The revision after which events are wanted; undefined for whatever is there, then live. */
function startOf({ resourceVersion }: ListOptions): number | undefined {
  if (resourceVersion === '' || resourceVersion === '0') return undefined;
  const revision = parseResourceVersion(resourceVersion);
  if (revision !== undefined) return revision;
  throw newUntyped(`strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`);
}

function planOf(
  rr: ResourceRequest,
  options: ListOptions,
  selection: Selection,
  cache: ResourceCache,
  from: number | undefined,
): WatchPlan {
  const namespace = rr.type.namespaced ? rr.target.namespace : '';
  const wantsInitial = options.sendInitialEvents ?? from === undefined;
  const list = wantsInitial ? cache.list(rr.info.scope, namespace) : undefined;
  const { ownershipOnly } = options;
  const shows = (item: CachedObject) => selection.matches(item) && (!ownershipOnly || concernsOwnership(item));
  const shown = selection.everything && !ownershipOnly ? list?.items : list?.items.filter(shows);
  return {
    type: rr.type,
    scope: rr.info.scope,
    namespace,
    selection,
    ownershipOnly,
    from: list?.revision ?? from ?? cache.revision,
    initial: shown,
    bookmarks: options.allowWatchBookmarks,
    markInitialEnd: options.sendInitialEvents === true && options.allowWatchBookmarks,
    timeoutMs: watchTimeoutMs(options.timeoutSeconds),
  };
}
