import { StorageError } from '../errors.js';
import type { StoreKey } from '../key.js';
import { KEY_BYTES_MAX, VALUE_BYTES_MAX } from '../limits.js';
import type { Revision } from '../store.js';

/** The texts of compacted, future revision and too large are etcd's, which clients may match on. */
export function compactedError(compacted: Revision): StorageError {
  return new StorageError('compacted', 'etcdserver: mvcc: required revision has been compacted', {
    revision: compacted,
  });
}

export function futureRevisionError(current: Revision): StorageError {
  return new StorageError('futureRevision', 'etcdserver: mvcc: required revision is a future revision', {
    revision: current,
  });
}

export function notFoundError(key: StoreKey): StorageError {
  return new StorageError('notFound', `key not found: ${key}`, { key });
}

export function existsError(key: StoreKey, revision: Revision): StorageError {
  return new StorageError('exists', `key exists: ${key}`, { key, revision });
}

export function conflictError(key: StoreKey, expected: Revision, found: Revision): StorageError {
  return new StorageError('conflict', `key ${key} is at revision ${found}, not ${expected}`, { key, revision: found });
}

/** Throws `tooLarge` for what the store does not take. */
export function checkSize(key: StoreKey, value: Buffer): void {
  if (value.length <= VALUE_BYTES_MAX && Buffer.byteLength(key) <= KEY_BYTES_MAX) return;
  throw new StorageError('tooLarge', 'etcdserver: request is too large', { key: key.slice(0, KEY_BYTES_MAX) });
}

export function closedError(): StorageError {
  return new StorageError('unavailable', 'the store is closed');
}
