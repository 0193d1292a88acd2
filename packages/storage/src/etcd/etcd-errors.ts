import { futureRevisionError } from '../engine/errors.js';
import { StorageError } from '../errors.js';
import { type GrpcStatus, STATUS } from '../grpc/grpc-status.js';

/** Answers of a connection or member that another one may give better. */
const ELSEWHERE: ReadonlySet<number> = new Set([STATUS.UNAVAILABLE, STATUS.DEADLINE_EXCEEDED]);
const TOO_LARGE = /request is too large|received message larger than max/;
const COMPACTED = 'required revision has been compacted';
const FUTURE = 'required revision is a future revision';

/** True when another endpoint should be tried. */
export function belongsElsewhere({ code }: GrpcStatus): boolean {
  return ELSEWHERE.has(code);
}

/** What etcd says, as the store says it. Revisions that etcd does not name are what the store knows. */
export function storageErrorOf(
  status: GrpcStatus,
  known: { readonly revision: number; readonly compactedRevision: number },
): StorageError {
  const { details } = status;
  if (details.includes(COMPACTED)) {
    return new StorageError('compacted', details, { revision: known.compactedRevision }, { cause: status });
  }
  if (details.includes(FUTURE)) return futureRevisionError(known.revision);
  if (TOO_LARGE.test(details)) return new StorageError('tooLarge', 'etcdserver: request is too large');
  return new StorageError('unavailable', `etcd: ${details}`, {}, { cause: status });
}
