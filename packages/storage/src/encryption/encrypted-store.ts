import { StorageError } from '../errors.js';
import type { StoreKey } from '../key.js';
import type { ListOptions, ListResult, Revision, Store, StoredValue, StoreEvent, WatchSink } from '../store.js';
import { CipherError } from './cipher.js';
import type { EncryptionRules } from './encryption-rules.js';

/**
 * A store whose values of certain resources are encrypted on their way in and opened on their way out; everything above
 * it sees plain values. A value that no key opens is `corrupt` and never shown.
 */
export class EncryptedStore implements Store {
  readonly #inner: Store;
  #rules: EncryptionRules;
  readonly #closing: (() => void)[] = [];

  constructor(inner: Store, rules: EncryptionRules) {
    this.#inner = inner;
    this.#rules = rules;
  }

  /** Other rules for what is read and written from now on. */
  use(rules: EncryptionRules): void {
    this.#rules = rules;
  }

  get revision(): Revision {
    return this.#inner.revision;
  }

  get failure(): StorageError | undefined {
    return this.#inner.failure;
  }

  get compactedRevision(): Revision {
    return this.#inner.compactedRevision;
  }

  latest(): Revision | Promise<Revision> {
    return this.#inner.latest();
  }

  async get(key: StoreKey): Promise<StoredValue | undefined> {
    const stored = await this.#inner.get(key);
    return stored === undefined ? undefined : this.#opened(stored);
  }

  size(): Promise<number | undefined> {
    return this.#inner.size();
  }

  durable(revision: Revision): Promise<void> {
    return this.#inner.durable(revision);
  }

  async list(prefix: StoreKey, options?: ListOptions): Promise<ListResult> {
    const result = await this.#inner.list(prefix, options);
    return { ...result, items: result.items.map((item) => this.#opened(item)) };
  }

  create(key: StoreKey, value: Buffer): Promise<Revision> {
    return this.#inner.create(key, this.#sealed(key, value));
  }

  update(key: StoreKey, value: Buffer, expected: Revision): Promise<Revision> {
    return this.#inner.update(key, this.#sealed(key, value), expected);
  }

  delete(key: StoreKey, expected: Revision): Promise<Revision> {
    return this.#inner.delete(key, expected);
  }

  /** Ends the watch with the error when an event cannot be opened. */
  watch(prefix: StoreKey, from: Revision, sink: WatchSink, signal: AbortSignal): Promise<void> {
    const broken = new AbortController();
    const opening: WatchSink = {
      events: (events) => {
        if (broken.signal.aborted) return;
        try {
          sink.events(events.map((event) => this.#openedEvent(event)));
        } catch (error) {
          broken.abort();
          sink.closed(error);
        }
      },
      progress: (revision) => {
        if (!broken.signal.aborted) sink.progress?.(revision);
      },
      closed: (error) => sink.closed(error),
    };
    return this.#inner.watch(prefix, from, opening, AbortSignal.any([signal, broken.signal]));
  }

  compact(revision: Revision): Promise<void> {
    return this.#inner.compact(revision);
  }

  /** The copy holds values as they are stored: encrypted. */
  snapshot(file: string): Promise<void> {
    return this.#inner.snapshot(file);
  }

  /** Runs `listener` when the store is closed. Returns the store. */
  onClose(listener: () => void): this {
    this.#closing.push(listener);
    return this;
  }

  close(): Promise<void> {
    for (const listener of this.#closing.splice(0)) listener();
    return this.#inner.close();
  }

  #sealed(key: StoreKey, value: Buffer): Buffer {
    return this.#rules.providersOf(key)?.seal(value, key) ?? value;
  }

  #opened(stored: StoredValue): StoredValue {
    const providers = this.#rules.providersOf(stored.key);
    if (providers === undefined) return stored;
    try {
      const { plain, stale } = providers.open(stored.value, stored.key);
      return { ...stored, value: plain, ...(stale ? { stale } : {}) };
    } catch (error) {
      if (!(error instanceof CipherError)) throw error;
      throw new StorageError('corrupt', `a stored value cannot be decrypted: ${error.message}`, { key: stored.key });
    }
  }

  #openedEvent(event: StoreEvent): StoreEvent {
    if (event.type === 'delete') return { ...event, previous: this.#opened(event.previous) };
    const previous = event.previous === undefined ? undefined : this.#opened(event.previous);
    return { ...event, current: this.#opened(event.current), previous };
  }
}
