import type { GroupVersionKind } from '@kcp/apimachinery/meta/resource';

/** A kind of the core group, v1. */
export function coreV1(kind: string): GroupVersionKind {
  return { group: '', version: 'v1', kind };
}

/** Bytes of all values of one Secret or ConfigMap, as upstream's `MaxSecretSize`. */
export const SECRET_BYTES_MAX = 1024 * 1024;
export const IMMUTABLE_TEXT = 'field is immutable when `immutable` is set';
