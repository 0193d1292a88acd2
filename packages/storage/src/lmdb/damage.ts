import { StorageError } from '../errors.js';

const UNAVAILABLE = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EMFILE', 'ENFILE', 'EIO', 'ENOTDIR', 'EDQUOT', 'EEXIST'];

/** An error of the data directory in words that name it and the way out. Says no twice the same. */
export function damagedError(directory: string, cause: unknown): StorageError {
  if (cause instanceof StorageError && cause.message.includes(directory)) return cause;
  if (cause instanceof StorageError && cause.code !== 'corrupt') return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (isSystemError(cause)) {
    return new StorageError('unavailable', `data directory ${directory} cannot be used: ${reason}`, {}, { cause });
  }
  const way = 'move it away and restore a snapshot into a new directory, or start with an empty one';
  return new StorageError('corrupt', `data directory ${directory} is damaged (${reason}): ${way}`, {}, { cause });
}

function isSystemError(cause: unknown): boolean {
  if (!(cause instanceof Error) || !('code' in cause)) return false;
  // LMDB hands errno on as a number, Node as a name.
  if (typeof cause.code === 'number') return cause.code > 0;
  return typeof cause.code === 'string' && UNAVAILABLE.includes(cause.code);
}
