import type { StorageError } from '../errors.js';
import type { Revision } from '../store.js';
import { beginningOf, NO_OFFSET, type RevisionOffset } from './revision-offset.js';

/**
 * What a server knows of the etcd that it shares: how far that has come and what it forgot, in revisions of the store; how
 * far these are ahead of etcd's; and whether it answers.
 */
export class Standing {
  #revision: Revision = 0;
  #compactedRevision: Revision = 0;
  #offset: RevisionOffset = NO_OFFSET;
  #failure: StorageError | undefined;
  #refusal: StorageError | undefined;

  /** The newest that was seen. */
  get revision(): Revision {
    return this.#revision;
  }

  get compactedRevision(): Revision {
    return this.#compactedRevision;
  }

  get offset(): RevisionOffset {
    return this.#offset;
  }

  /** Why it does not answer now, or takes no writes; it is tried again all the time. */
  get failure(): StorageError | undefined {
    return this.#failure ?? this.#refusal;
  }

  sees(revision: Revision): void {
    if (revision > this.#revision) this.#revision = revision;
  }

  forgets(revision: Revision): void {
    if (revision > this.#compactedRevision) this.#compactedRevision = revision;
  }

  /** Takes over a newer offset. True where revisions jump: nothing of before can be watched or listed any more. */
  adopts(offset: RevisionOffset): boolean {
    if (offset.ahead <= this.#offset.ahead) return false;
    this.#offset = offset;
    this.sees(beginningOf(offset));
    this.forgets(beginningOf(offset));
    return true;
  }

  works(): void {
    this.#failure = undefined;
  }

  /** Why it takes no writes though it answers; undefined when it does. */
  refuses(error: StorageError | undefined): void {
    this.#refusal = error;
  }

  fails(error: StorageError): StorageError {
    this.#failure = error;
    return error;
  }
}
