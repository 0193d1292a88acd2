import { newNotFound } from '@kcp/apimachinery/errors/status-error';
import type { LabelSelector } from '@kcp/apimachinery/selectors/label-selector';
import type { WatchCache } from '@kcp/storage/cache';
import { NAMESPACE_STORAGE } from '../registry/store-clusters.js';
import type { AdmissionAttributes } from './admission.js';

const NAMESPACES = { group: '', resource: 'namespaces' };

/**
 * Whether the namespace of a write has the labels that a `namespaceSelector` wants. What belongs to no namespace always
 * matches. Throws 404 for a namespace that is not there.
 */
export async function namespaceMatches(
  selector: LabelSelector,
  attributes: AdmissionAttributes,
  cache: WatchCache,
): Promise<boolean> {
  const isNamespace = attributes.type.names.plural === 'namespaces';
  if (selector.empty || (attributes.namespace === '' && !isNamespace)) return true;
  return selector.matches(await labelsOf(attributes, isNamespace, cache));
}

/** Of a namespace that is being written its new labels count. */
async function labelsOf(
  { operation, subresource, object, cluster, namespace }: AdmissionAttributes,
  isNamespace: boolean,
  cache: WatchCache,
): Promise<Readonly<Record<string, string>>> {
  if (isNamespace && subresource === '' && (operation === 'CREATE' || operation === 'UPDATE')) {
    return object?.metadata.labels ?? {};
  }
  const namespaces = cache.loaded(NAMESPACE_STORAGE) ?? (await cache.resource(NAMESPACE_STORAGE));
  const found = namespaces.get({ cluster, namespace: '', name: namespace });
  if (found === undefined) throw newNotFound(NAMESPACES, namespace);
  return found.labels();
}
