import { newBadRequest, newExpired } from '@kcp/apimachinery/errors/status-error';
import type { CachedObject, CacheListResult, ResourceCache } from '@kcp/storage/cache';
import { isStorageError } from '@kcp/storage/errors';
import type { ObjectKey } from '@kcp/storage/key';
import type { ApiResponse } from '../http/exchange.js';
import { type ListOptions, notAVersion, parseListOptions, parseResourceVersion } from '../request/list-options.js';
import { negotiate, type OutputFormat } from '../request/negotiation.js';
import { type ContinueToken, decodeContinue, encodeContinue, INCONSISTENT } from './continue-token.js';
import { freshCache } from './freshness.js';
import { offerOf, wantsPretty } from './get.js';
import { answerList, type ListAnswer } from './list-output.js';
import type { ResourceRequest } from './resource-request.js';
import { type Selection, selectionOf } from './selection.js';
import { viewList } from './view-objects.js';

const CONVERSIONS = ['Table', 'PartialObjectMetadataList'] as const;
/** Objects that are looked at together while a selector searches for a page. */
const SEARCH_STEP = 1_000;
const CONTINUE_EXPIRED =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

export function listFormat(rr: ResourceRequest): OutputFormat {
  const format = negotiate(rr.request.header('accept'), offerOf(rr.type, CONVERSIONS));
  return format.pretty || !wantsPretty(rr) ? format : { ...format, pretty: true };
}

/** GET of a collection. */
export async function listEndpoint(rr: ResourceRequest): Promise<ApiResponse> {
  const format = listFormat(rr);
  const options = unlimited(parseListOptions(rr.info.query, false));
  const selection = selectionOf(rr.type, options.labelSelector, options.fieldSelector);
  const answer = rr.type.backing.kind === 'view' ? viewList(rr, selection) : await listObjects(rr, options, selection);
  return answerList(rr, format, answer);
}

/** What is answered from the cache, however old, is answered at once, as by upstream. */
function unlimited(options: ListOptions): ListOptions {
  return options.resourceVersion === '0' ? { ...options, limit: 0 } : options;
}

/** The objects that a list asks for. Throws 400, 410 and 504. */
export async function listObjects(
  rr: ResourceRequest,
  options: ListOptions,
  selection: Selection,
): Promise<ListAnswer> {
  const token = options.continue === '' ? undefined : continueOf(options);
  const wanted = resourceVersionOf(options);
  const cache = await freshCache(rr.registry, rr.type, wanted, rr.request);
  await selection.prepare(() => cache.list(rr.info.scope, rr.type.namespaced ? rr.target.namespace : '').items);
  const exactly = exactRevision(options, wanted, token);
  try {
    return collect(rr, cache, options, selection, exactly, token);
  } catch (error) {
    if (!isStorageError(error, 'compacted')) throw error;
    if (token === undefined) throw newExpired('The resourceVersion for the provided list is too old.');
    throw newExpired(CONTINUE_EXPIRED, encodeContinue({ ...token, revision: INCONSISTENT }));
  }
}

function continueOf(options: ListOptions): ContinueToken {
  if (options.resourceVersion !== '' && options.resourceVersion !== '0') {
    throw newBadRequest('specifying resource version is not allowed when using continue');
  }
  return decodeContinue(options.continue);
}

function resourceVersionOf({ resourceVersion, continue: token }: ListOptions): number {
  if (resourceVersion === '' || token !== '') return 0;
  const revision = parseResourceVersion(resourceVersion);
  if (revision === undefined) throw newBadRequest(`invalid resource version: ${notAVersion(resourceVersion)}`);
  return revision;
}

/** The revision that the list must show; undefined for the newest. A limit with a version means exactly that one. */
function exactRevision(options: ListOptions, wanted: number, token: ContinueToken | undefined): number | undefined {
  if (token !== undefined) return token.revision === INCONSISTENT ? undefined : token.revision;
  if (wanted === 0) return undefined;
  if (options.resourceVersionMatch === 'Exact') return wanted;
  return options.limit > 0 && options.resourceVersionMatch === '' ? wanted : undefined;
}

function collect(
  rr: ResourceRequest,
  cache: ResourceCache,
  options: ListOptions,
  selection: Selection,
  at: number | undefined,
  token: ContinueToken | undefined,
): ListAnswer {
  const { limit } = options;
  const page = (after: ObjectKey | undefined, size: number): CacheListResult =>
    cache.list(rr.info.scope, rr.type.namespaced ? rr.target.namespace : '', {
      ...(at === undefined ? {} : { at }),
      ...(after === undefined ? {} : { after }),
      ...(size === 0 ? {} : { limit: size }),
    });
  if (selection.everything) return finished(page(token?.after, limit), undefined, limit > 0);
  return search(page, selection, limit, token?.after);
}

function search(
  page: (after: ObjectKey | undefined, size: number) => CacheListResult,
  selection: Selection,
  limit: number,
  start: ObjectKey | undefined,
): ListAnswer {
  const found: CachedObject[] = [];
  let after = start;
  for (;;) {
    const result = page(after, limit === 0 ? 0 : SEARCH_STEP);
    for (const [i, object] of result.items.entries()) {
      if (!selection.matches(object)) continue;
      found.push(object);
      const left = result.items.length - 1 - i + result.remaining;
      if (found.length === limit && left > 0) return finished({ ...result, remaining: left }, found, false);
    }
    after = result.items.at(-1)?.key;
    if (result.remaining === 0 || after === undefined) return finished(result, found, false);
  }
}

/** With a selector nobody knows how many objects remain, so only lists of everything say it. */
function finished(result: CacheListResult, found: readonly CachedObject[] | undefined, countable: boolean): ListAnswer {
  const items = found ?? result.items;
  const last = items.at(-1);
  if (result.remaining === 0 || last === undefined) return { items, revision: result.revision };
  return {
    items,
    revision: result.revision,
    continue: encodeContinue({ revision: result.revision, after: last.key }),
    ...(countable ? { remaining: result.remaining } : {}),
  };
}
