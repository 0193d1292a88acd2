import type { StorageError } from '../errors.js';
import type { Revision } from '../store.js';
import { keyOfPath, type PathScope } from './resource-path.js';

interface Found {
  readonly revision: Revision;
  readonly error: StorageError;
}

/**
 * Objects of one resource whose newest value cannot be read. Nobody is told that one is gone, or how it was before: who
 * asks for it gets the error, until there is a value again or it is deleted.
 */
export class Unreadable {
  readonly #found = new Map<string, Found>();

  put(path: string, revision: Revision, error: StorageError): void {
    this.#found.set(path, { revision, error });
  }

  /** It was read again, or deleted. */
  delete(path: string): void {
    if (this.#found.size > 0) this.#found.delete(path);
  }

  revisionOf(path: string): Revision | undefined {
    return this.#found.get(path)?.revision;
  }

  errors(): StorageError[] {
    return [...this.#found.values()].map(({ error }) => error);
  }

  /** Throws `corrupt` for such an object. */
  check(path: string): void {
    if (this.#found.size === 0) return;
    const found = this.#found.get(path);
    if (found !== undefined) throw found.error;
  }

  /** Throws `corrupt` when there is such an object among those that are wanted. */
  checkRange({ start, end, namespace }: PathScope): void {
    for (const [path, { error }] of this.#found) {
      if (path < start || path >= end) continue;
      if (namespace === undefined || keyOfPath(path).namespace === namespace) throw error;
    }
  }
}
