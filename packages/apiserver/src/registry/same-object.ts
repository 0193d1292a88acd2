import { deepEqual, type JsonValue } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';

/**
 * True when a write would change nothing but the times in managedFields: such a write is none (upstream's
 * `ignoreManagedFieldsTimestampsTransformer`).
 */
export function sameObject(a: KubeObject, b: KubeObject): boolean {
  return deepEqual(withoutManagedFields(a), withoutManagedFields(b)) && deepEqual(timeless(a), timeless(b));
}

function withoutManagedFields(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function timeless({ metadata }: KubeObject): JsonValue[] | undefined {
  return metadata.managedFields?.map(({ time: _, ...entry }) => entry as JsonValue);
}
