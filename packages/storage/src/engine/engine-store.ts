import { StorageError } from '../errors.js';
import type { StoreKey } from '../key.js';
import { COMPACT_STEP_ENTRIES, TRIM_STEP_ENTRIES } from '../limits.js';
import { writeSnapshot } from '../snapshot/snapshot-writer.js';
import type {
  ListOptions,
  ListResult,
  PutEvent,
  Revision,
  Store,
  StoredValue,
  StoreEvent,
  WatchSink,
} from '../store.js';
import type { Backend, BackendView, CommitBatch } from './backend.js';
import { WriteBatch } from './batch.js';
import {
  checkSize,
  closedError,
  compactedError,
  conflictError,
  existsError,
  futureRevisionError,
  notFoundError,
} from './errors.js';
import { eventsBetween, listRange, UndoLog } from './history.js';
import { Retention, type RetentionOptions } from './retention.js';
import { keyOf, WatchHub } from './watch-hub.js';

/** The newest accepted state of a key whose write is not durable yet; `value` is undefined for a deletion. */
interface Accepted {
  readonly revision: Revision;
  readonly value: StoredValue | undefined;
}

/**
 * The logical half of every embedded store: it is the only writer, so a compare-and-swap is decided at once, in
 * memory, against the newest accepted state. Accepted writes get their revision and wait in a batch; one commit at a
 * time makes a batch durable; then watches hear of it, and then its writers.
 */
export class EngineStore implements Store {
  readonly #backend: Backend;
  readonly #retention: Retention;
  readonly #hub = new WatchHub();
  /** Keys with writes that are accepted and not yet durable. */
  readonly #accepted = new Map<StoreKey, Accepted>();
  /** Revisions that a running snapshot still needs to go back to. */
  readonly #pins = new Set<Revision>();
  #pending: WriteBatch | undefined;
  #inFlight: WriteBatch | undefined;
  #revision: Revision;
  #acceptedRevision: Revision;
  #compacted: Revision;
  #trimmed: Revision;
  #failure: StorageError | undefined;
  #closing: Promise<void> | undefined;

  constructor(backend: Backend, retention: RetentionOptions) {
    const { revision, compactedRevision, trimmedRevision } = backend.origin;
    this.#backend = backend;
    this.#retention = new Retention(retention, revision);
    this.#revision = revision;
    this.#acceptedRevision = revision;
    this.#compacted = compactedRevision;
    this.#trimmed = trimmedRevision;
  }

  get failure(): StorageError | undefined {
    return this.#failure;
  }

  get revision(): Revision {
    return this.#revision;
  }

  get compactedRevision(): Revision {
    return this.#compacted;
  }

  latest(): Revision {
    return this.#revision;
  }

  async get(key: StoreKey): Promise<StoredValue | undefined> {
    this.#check();
    const found = this.#newest(key);
    // Nobody can tell by its revision whether an absence is durable.
    if (found === undefined) await this.#settled(key);
    return found;
  }

  async durable(revision: Revision): Promise<void> {
    this.#check();
    if (revision <= this.#revision) return;
    if (revision > this.#acceptedRevision) throw futureRevisionError(this.#revision);
    const flying = this.#inFlight?.lastRevision ?? 0;
    await (revision <= flying ? this.#inFlight : this.#pending)?.done;
  }

  async list(prefix: StoreKey, options: ListOptions = {}): Promise<ListResult> {
    this.#check();
    const result =
      options.at === undefined ? this.#listNow(prefix, options) : this.#listAt(prefix, options.at, options);
    // What is on disk may be a commit ahead of what was announced; nobody may see it earlier than the watches.
    if (result.revision > this.#revision) await this.durable(result.revision);
    return result;
  }

  async create(key: StoreKey, value: Buffer): Promise<Revision> {
    this.#check();
    checkSize(key, value);
    const previous = this.#newest(key);
    if (previous !== undefined) return this.#refuse(key, existsError(key, previous.modRevision));
    return this.#put(key, value, undefined);
  }

  async update(key: StoreKey, value: Buffer, expected: Revision): Promise<Revision> {
    this.#check();
    checkSize(key, value);
    const previous = this.#expect(key, expected);
    return previous instanceof StorageError ? this.#refuse(key, previous) : this.#put(key, value, previous);
  }

  async delete(key: StoreKey, expected: Revision): Promise<Revision> {
    this.#check();
    const previous = this.#expect(key, expected);
    if (previous instanceof StorageError) return this.#refuse(key, previous);
    return this.#accept({ type: 'delete', revision: this.#acceptedRevision + 1, previous });
  }

  async watch(prefix: StoreKey, from: Revision, sink: WatchSink, signal: AbortSignal): Promise<void> {
    this.#check();
    signal.throwIfAborted();
    this.#checkReadable(from);
    const to = this.#revision;
    const missed = from === to ? [] : this.#read((view) => eventsBetween(view, prefix, from, to));
    this.#hub.add(prefix, sink, signal);
    if (missed.length > 0) sink.events(missed);
  }

  async compact(revision: Revision): Promise<void> {
    this.#check();
    if (revision > this.#revision) throw futureRevisionError(this.#revision);
    if (revision < this.#compacted) throw compactedError(this.#compacted);
    this.#compacted = revision;
    do {
      await this.#batch().done;
    } while (this.#trimmed < this.#compacted);
  }

  async size(): Promise<number | undefined> {
    this.#check();
    return this.#backend.size();
  }

  async snapshot(file: string): Promise<void> {
    this.#check();
    const at = this.#revision;
    this.#pins.add(at);
    try {
      const undo = new UndoLog('', at);
      await writeSnapshot(file, at, (start, limit) => {
        this.#check();
        if (at < this.#compacted) throw compactedError(this.#compacted);
        return this.#read((view) => {
          undo.catchUp(view);
          return undo.range(view, start, '\uffff', limit);
        });
      });
    } finally {
      this.#pins.delete(at);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const failed = this.#failure;
    const last = this.#pending ?? this.#inFlight;
    this.#failure ??= closedError();
    if (failed === undefined) await last?.done.catch(() => undefined);
    this.#hub.close(this.#failure);
    await this.#backend.close();
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #checkReadable(revision: Revision): void {
    if (revision < this.#compacted) throw compactedError(this.#compacted);
    if (revision > this.#revision) throw futureRevisionError(this.#revision);
  }

  #newest(key: StoreKey): StoredValue | undefined {
    const accepted = this.#accepted.get(key);
    return accepted === undefined ? this.#read((view) => view.get(key)) : accepted.value;
  }

  #expect(key: StoreKey, expected: Revision): StoredValue | StorageError {
    const found = this.#newest(key);
    if (found === undefined) return notFoundError(key);
    return found.modRevision === expected ? found : conflictError(key, expected, found.modRevision);
  }

  /** A refusal tells of a write: not before that is durable, or a crash would make it untrue. */
  async #refuse(key: StoreKey, error: StorageError): Promise<never> {
    await this.#settled(key);
    throw error;
  }

  async #settled(key: StoreKey): Promise<void> {
    const accepted = this.#accepted.get(key);
    if (accepted !== undefined) await this.durable(accepted.revision);
  }

  #listNow(prefix: StoreKey, options: ListOptions): ListResult {
    const [start, end] = listRange(prefix, options);
    const limit = options.limit ?? Number.MAX_SAFE_INTEGER - 1;
    return this.#read((view) => cut(view.range(start, end, limit + 1), limit, view.revision));
  }

  #listAt(prefix: StoreKey, at: Revision, options: ListOptions): ListResult {
    this.#checkReadable(at);
    const [start, end] = listRange(prefix, options);
    const limit = options.limit ?? Number.MAX_SAFE_INTEGER / 2;
    return this.#read((view) => {
      const undo = new UndoLog(prefix, at);
      undo.catchUp(view);
      return cut(undo.range(view, start, end, limit + 1), limit, at);
    });
  }

  #read<T>(reader: (view: BackendView) => T): T {
    try {
      return this.#backend.read(reader);
    } catch (error) {
      if (error instanceof StorageError) throw error;
      throw new StorageError('corrupt', `reading the store failed: ${String(error)}`, {}, { cause: error });
    }
  }

  #put(key: StoreKey, value: Buffer, previous: StoredValue | undefined): Promise<Revision> {
    const revision = this.#acceptedRevision + 1;
    const createRevision = previous?.createRevision ?? revision;
    const current: StoredValue = { key, value, createRevision, modRevision: revision };
    const event: PutEvent = { type: 'put', revision, current, previous };
    return this.#accept(event);
  }

  async #accept(event: StoreEvent): Promise<Revision> {
    this.#acceptedRevision = event.revision;
    const value = event.type === 'put' ? event.current : undefined;
    this.#accepted.set(keyOf(event), { revision: event.revision, value });
    const batch = this.#batch();
    batch.events.push(event);
    await batch.done;
    return event.revision;
  }

  /** The batch that collects now. It is committed after this turn, or after the commit that is under way. */
  #batch(): WriteBatch {
    if (this.#pending === undefined) {
      this.#pending = new WriteBatch();
      if (this.#inFlight === undefined) setImmediate(() => this.#flush());
    }
    return this.#pending;
  }

  #flush(): void {
    const batch = this.#pending;
    if (batch === undefined || this.#inFlight !== undefined) return;
    this.#pending = undefined;
    this.#inFlight = batch;
    const commit = this.#commitOf(batch);
    this.#backend.commit(commit).then(
      () => this.#committed(batch, commit),
      (error) => this.#fail(batch, error),
    );
  }

  #commitOf(batch: WriteBatch): CommitBatch {
    const expired = Math.min(this.#retention.expired(), this.#revision, ...this.#pins);
    this.#compacted = Math.max(this.#compacted, expired);
    const step = batch.events.length === 0 ? COMPACT_STEP_ENTRIES : TRIM_STEP_ENTRIES + 2 * batch.events.length;
    return {
      events: batch.events,
      revision: batch.lastRevision ?? this.#revision,
      compactedRevision: this.#compacted,
      trim: { from: this.#trimmed, to: Math.min(this.#compacted, this.#trimmed + step) },
    };
  }

  #committed(batch: WriteBatch, commit: CommitBatch): void {
    this.#revision = commit.revision;
    this.#trimmed = commit.trim.to;
    for (const event of batch.events) {
      const key = keyOf(event);
      if (this.#accepted.get(key)?.revision === event.revision) this.#accepted.delete(key);
    }
    this.#retention.add(batch.events);
    this.#inFlight = undefined;
    if (this.#pending !== undefined) this.#flush();
    if (batch.events.length > 0) this.#hub.dispatch(batch.events);
    batch.resolve();
  }

  /** A failed commit leaves unknown what is on disk: nothing is tried again, and nothing is served any more. */
  #fail(batch: WriteBatch, cause: unknown): void {
    const text = `the store failed and takes no more requests: ${causeText(cause)}`;
    const error = new StorageError('unavailable', text, {}, { cause });
    this.#failure = error;
    const waiting = this.#pending;
    this.#pending = undefined;
    this.#inFlight = undefined;
    batch.reject(error);
    waiting?.reject(error);
    this.#hub.close(error);
  }
}

function cut(items: readonly StoredValue[], limit: number, revision: Revision): ListResult {
  return items.length > limit
    ? { items: items.slice(0, limit), revision, more: true }
    : { items, revision, more: false };
}

function causeText(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
