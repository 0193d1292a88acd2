import { newNotFound } from '@kcp/apimachinery/errors/status-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { WatchCache } from '@kcp/storage/cache';
import { newMemoSlot } from '@kcp/storage/watch-cache/memo';
import { parseStored } from '../../registry/parse-stored.js';
import { NAMESPACE_STORAGE } from '../../registry/store-clusters.js';
import type { AdmissionAttributes } from '../admission.js';

const NAMESPACES = { group: '', resource: 'namespaces' };
const shownSlot = newMemoSlot<JsonObject>('namespace object');

/** The namespace of a write as expressions see it; undefined for what belongs to none. Throws 404. */
export async function namespaceObject(
  { type, cluster, namespace }: AdmissionAttributes,
  cache: WatchCache,
): Promise<JsonObject | undefined> {
  if (!type.namespaced || namespace === '') return undefined;
  const namespaces = cache.loaded(NAMESPACE_STORAGE) ?? (await cache.resource(NAMESPACE_STORAGE));
  const found = namespaces.get({ cluster, namespace: '', name: namespace });
  if (found === undefined) throw newNotFound(NAMESPACES, namespace);
  return found.memo(shownSlot, () => shown(parseStored(found.bytes)));
}

/** Without what expressions are not to depend on, as upstream chooses. */
function shown(namespace: ReturnType<typeof parseStored>): JsonObject {
  const { managedFields: _fields, ownerReferences: _owners, ...metadata } = namespace.metadata;
  const { spec = {}, status = {} } = namespace;
  return { metadata, spec, status };
}
