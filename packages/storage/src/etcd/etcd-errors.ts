import { type ServiceError, status } from '@grpc/grpc-js';
import { futureRevisionError } from '../engine/errors.js';
import { StorageError } from '../errors.js';

/** Answers of a connection or member that another one may give better. */
const ELSEWHERE: ReadonlySet<number> = new Set([status.UNAVAILABLE, status.DEADLINE_EXCEEDED]);
/** What the connection says of a request that never left: it may be sent again whatever it asks. */
const NEVER_SENT = 'No connection established';
const TOO_LARGE = /request is too large|received message larger than max/;
const COMPACTED = 'required revision has been compacted';
const FUTURE = 'required revision is a future revision';

/** True when another endpoint should be tried. */
export function belongsElsewhere(error: ServiceError): boolean {
  return ELSEWHERE.has(error.code);
}

/** True when the request cannot have been carried out. */
export function wasNeverSent(error: ServiceError): boolean {
  return error.code === status.UNAVAILABLE && error.details.startsWith(NEVER_SENT);
}

/** What etcd says, as the store says it. Revisions that etcd does not name are what the store knows. */
export function storageErrorOf(
  error: Pick<ServiceError, 'details'>,
  known: { readonly revision: number; readonly compactedRevision: number },
): StorageError {
  const { details } = error;
  if (details.includes(COMPACTED)) {
    return new StorageError('compacted', details, { revision: known.compactedRevision }, { cause: error });
  }
  if (details.includes(FUTURE)) return futureRevisionError(known.revision);
  if (TOO_LARGE.test(details)) return new StorageError('tooLarge', 'etcdserver: request is too large');
  return new StorageError('unavailable', `etcd: ${worded(details)}`, {}, { cause: error });
}

/** Without what the library says around the cause. */
function worded(details: string): string {
  const cause = /^No connection established\. Last error: (?:Error: )?(.*?)\.? Resolution note: /.exec(details)?.[1];
  return cause === undefined ? details : `no server answers: ${cause}`;
}
