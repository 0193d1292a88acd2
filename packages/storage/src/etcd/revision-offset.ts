import { StorageError } from '../errors.js';
import type { Revision } from '../store.js';
import type { KeyValue } from './messages.js';

/*
 * The store's revisions are etcd's plus an offset: 0, until a restore has to go on above the revisions of a store that
 * is lost. It lies in etcd itself, outside of the objects, so that every server reads the same; it only ever grows.
 * Messages (range-messages.ts, watch-messages.ts) are where the two are converted, and nothing else knows of etcd's.
 */
export interface RevisionOffset {
  /** How far the store's revisions are ahead of etcd's. */
  readonly ahead: number;
  /** etcd's own number of the write that said so; 0 when none did. */
  readonly setAt: number;
}

export const NO_OFFSET: RevisionOffset = { ahead: 0, setAt: 0 };
/** etcd takes revision 0 for a key that is not there; this is one that no key has. */
export const NO_REVISION = Number.MAX_SAFE_INTEGER;

/** Where the offset of the data below `root` lies, as decimal digits. */
export function offsetKeyOf(root: string): string {
  return `kcp_revision_offset${root}`;
}

/** What the key of the offset says, read with an offset of 0. Throws `corrupt`. */
export function readOffset(found: KeyValue | undefined): RevisionOffset {
  if (found === undefined) return NO_OFFSET;
  const text = found.value.toString();
  const ahead = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(ahead)) {
    throw new StorageError('corrupt', `${found.key} in etcd is no offset of revisions: ${JSON.stringify(text)}`);
  }
  return { ahead, setAt: found.modRevision };
}

export function offsetValue(ahead: number): Buffer {
  return Buffer.from(String(ahead));
}

/** The store's number of a revision of etcd; 0, which stands for none, stays. */
export function storeRevision(revision: number, ahead: number): Revision {
  return revision === 0 ? 0 : revision + ahead;
}

/** etcd's number of a revision of the store; one that nothing has for a revision of before the offset. */
export function etcdRevision(revision: Revision, ahead: number): number {
  if (revision === 0) return 0;
  return revision > ahead ? revision - ahead : NO_REVISION;
}

/** The revision of the write of the offset, 0 where there is none: what was before it is of another time. */
export function beginningOf({ ahead, setAt }: RevisionOffset): Revision {
  return storeRevision(setAt, ahead);
}

/** What to tell when etcd shows less than it did. */
export function wentBackError(): StorageError {
  const text = 'etcd: its data was replaced by older data; restore a snapshot into it, or start the servers anew';
  return new StorageError('unavailable', text);
}
