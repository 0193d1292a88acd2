import type { JsonObject } from '../json/value.js';
import type { KubeObject } from '../meta/object.js';

const API_VERSION = 'meta.k8s.io/v1';

/** The metadata of an object alone. */
export function partialObjectMetadata(object: KubeObject): JsonObject {
  return { kind: 'PartialObjectMetadata', apiVersion: API_VERSION, metadata: object.metadata };
}

/** The metadata of every item of a list; `metadata` is the ListMeta. */
export function partialObjectMetadataList(items: readonly KubeObject[], metadata: JsonObject): JsonObject {
  return {
    kind: 'PartialObjectMetadataList',
    apiVersion: API_VERSION,
    metadata,
    items: items.map(partialObjectMetadata),
  };
}
