import { hasReason } from '@kcp/apimachinery/errors/status-error';
import type { CachedObject } from '@kcp/storage/cache';
import type { ApiResponse } from '../http/exchange.js';
import { deleteObject } from '../registry/delete-object.js';
import type { DeleteOptions } from '../request/delete-options.js';
import { parseListOptions } from '../request/list-options.js';
import { deletionWrite, readDeleteOptions } from './delete.js';
import { listFormat, listObjects } from './list.js';
import { answerList } from './list-output.js';
import { type ResourceRequest, writeScope } from './resource-request.js';
import { selectionOf } from './selection.js';

/** Objects of a collection that are deleted at the same time; their writes share commits. */
const DELETIONS_AT_ONCE = 64;

/** DELETE of a collection: each object by itself, as a DELETE of it would; what is gone already does not matter. */
export async function deleteCollectionEndpoint(rr: ResourceRequest): Promise<ApiResponse> {
  const format = listFormat(rr);
  const options = await readDeleteOptions(rr);
  const listOptions = parseListOptions(rr.info.query, false);
  const selection = selectionOf(rr.type, listOptions.labelSelector, listOptions.fieldSelector);
  const list = await listObjects(rr, listOptions, selection);
  for (let from = 0; from < list.items.length; from += DELETIONS_AT_ONCE) {
    await Promise.all(list.items.slice(from, from + DELETIONS_AT_ONCE).map((item) => deleteItem(rr, item, options)));
  }
  return answerList(rr, format, list);
}

async function deleteItem(rr: ResourceRequest, item: CachedObject, options: DeleteOptions): Promise<void> {
  const { namespace, name } = item.key;
  const scope = { ...writeScope(rr, deletionWrite(options), name), namespace, ofCollection: true };
  try {
    await deleteObject(rr.registry, scope, options);
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
  }
}
