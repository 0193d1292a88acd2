import { stringify } from '@kcp/apimachinery/json/stringify';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject, ObjectMeta } from '@kcp/apimachinery/meta/object';

/** Members of metadata in the order in which upstream writes them. */
const METADATA_ORDER = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
] as const;

/**
 * The bytes to store: kind, apiVersion and metadata first (readers rely on it to find metadata without parsing), and
 * without resourceVersion, which the store's revision is.
 */
export function encodeForStore(object: KubeObject): Buffer {
  return Buffer.from(encodeObject(object, undefined), 'utf8');
}

/** The object as JSON in the same order of members, with the given resourceVersion, or without one. */
export function encodeObject(object: KubeObject, resourceVersion: string | undefined): string {
  const { kind, apiVersion, metadata, ...rest } = object;
  const version = resourceVersion === undefined ? '' : `"resourceVersion":"${resourceVersion}",`;
  const head = `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":{${version}`;
  const meta = stringify(orderedMetadata(metadata));
  const tail = stringify(rest as JsonObject);
  return `${head}${meta.slice(1)}${tail.length > 2 ? `,${tail.slice(1)}` : '}'}`;
}

function orderedMetadata(metadata: ObjectMeta): JsonObject {
  const ordered: JsonObject = {};
  for (const key of METADATA_ORDER) {
    const value = metadata[key];
    if (value !== undefined) ordered[key] = value;
  }
  return ordered;
}
