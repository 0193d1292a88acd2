/** What went wrong, as the store sees it: keys and revisions, not HTTP. */
export type StorageErrorCode =
  | 'notFound'
  | 'exists'
  | 'conflict'
  | 'compacted'
  | 'futureRevision'
  | 'tooLarge'
  | 'unavailable'
  | 'corrupt';

export interface StorageErrorInfo {
  readonly key?: string;
  /** For `conflict` the revision found, for `compacted` the compacted one, for `futureRevision` the current one. */
  readonly revision?: number;
}

/** The one error type of this package; `apiserver/registry` maps it to a Status in one place. */
export class StorageError extends Error {
  readonly code: StorageErrorCode;
  readonly key: string | undefined;
  readonly revision: number | undefined;

  constructor(code: StorageErrorCode, message: string, info: StorageErrorInfo = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StorageError';
    this.code = code;
    this.key = info.key;
    this.revision = info.revision;
  }
}

export function isStorageError(error: unknown, code: StorageErrorCode): error is StorageError {
  return error instanceof StorageError && error.code === code;
}
