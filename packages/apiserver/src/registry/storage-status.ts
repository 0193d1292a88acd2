import {
  newAlreadyExists,
  newConflict,
  newExpired,
  newInternalError,
  newNotFound,
  newServiceUnavailable,
  newTooLargeResourceVersion,
  newUntyped,
  OBJECT_MODIFIED,
  type ResourceName,
} from '@kcp/apimachinery/errors/status-error';
import { StorageError } from '@kcp/storage/errors';

/** The one place where a fault of the store becomes a Status. Anything that is no StorageError is returned as it is. */
export function statusOfStorageError(error: unknown, resource: ResourceName, name: string): unknown {
  if (!(error instanceof StorageError)) return error;
  switch (error.code) {
    case 'notFound':
      return newNotFound(resource, name);
    case 'exists':
      return newAlreadyExists(resource, name);
    case 'conflict':
      return newConflict(resource, name, OBJECT_MODIFIED);
    case 'compacted':
      return newExpired('The resourceVersion for the provided list is too old.');
    case 'futureRevision':
      return newTooLargeResourceVersion('unknown', String(error.revision ?? 0));
    case 'tooLarge':
      return newUntyped(error.message);
    case 'unavailable':
      return newServiceUnavailable(error.message);
    case 'corrupt':
      return newInternalError(error.message);
  }
}
