import { setTimeout as pause } from 'node:timers/promises';
import {
  checkSize,
  closedError,
  compactedError,
  conflictError,
  existsError,
  futureRevisionError,
  notFoundError,
} from '../engine/errors.js';
import { isStorageError, StorageError } from '../errors.js';
import { GrpcError } from '../grpc/grpc-status.js';
import { REGISTRY_PREFIX, type StoreKey } from '../key.js';
import { prefixEnd } from '../key-range.js';
import type { ListOptions, ListResult, Revision, Store, StoredValue, WatchSink } from '../store.js';
import { COMPACT_KEY, Compactor } from './compactor.js';
import { type CallOptions, EtcdClient, type EtcdEndpoints, type Method } from './etcd-client.js';
import { storageErrorOf } from './etcd-errors.js';
import { EtcdKeys } from './etcd-keys.js';
import { writeEtcdSnapshot } from './etcd-snapshot.js';
import { EtcdWatch, type WatchOwner } from './etcd-watch.js';
import { probeCompacted } from './forgotten.js';
import { Latest } from './latest.js';
import {
  CLOSE_WAIT_MS,
  HEADER_DEADLINE_MS,
  HEADER_TOTAL_MS,
  OPEN_DEADLINE_MS,
  OPEN_PAUSE_MS,
  RANGE_ITEMS_MAX,
} from './limits.js';
import {
  decodeGuarded,
  decodeRange,
  decodeStatus,
  encodeCompaction,
  encodeGuarded,
  encodeRange,
  type GuardedAnswer,
  type RangeAnswer,
  type RangeQuery,
  type StatusAnswer,
} from './range-messages.js';
import {
  beginningOf,
  etcdRevision,
  NO_REVISION,
  offsetKeyOf,
  offsetValue,
  readOffset,
  storeRevision,
  wentBackError,
} from './revision-offset.js';
import { SpaceAlarm } from './space-alarm.js';
import { Standing } from './standing.js';

export interface EtcdStoreOptions extends EtcdEndpoints {
  /** What stands in place of `/registry` in every key; no slash at its end. */
  readonly root?: string;
  /** How long changes stay watchable; without it, somebody else sees to it that etcd does not grow for ever. */
  readonly historyAgeMs?: number;
  /** How long to wait for an etcd that does not answer yet. */
  readonly waitMs?: number;
  /** Called once, when it did not answer at once and is waited for. */
  readonly onWait?: (error: unknown) => void;
  /** Compaction did not work; it is tried again later. */
  readonly onCompactionError?: (error: unknown) => void;
}

const READ: CallOptions = { repeatable: true };
const HEADER: CallOptions = { repeatable: true, deadlineMs: HEADER_DEADLINE_MS, totalMs: HEADER_TOTAL_MS };
/** A write whose answer is lost may have happened; only its caller can find out, by its revision. */
const WRITE: CallOptions = { repeatable: false };

/** Connects to an etcd. Rejects with `unavailable` when none of the servers answers in time. */
export async function openEtcdStore(options: EtcdStoreOptions): Promise<EtcdStore> {
  const store = new EtcdStore(options);
  try {
    await store.open(options);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/**
 * The store's contract over etcd, which any number of servers may share. Reads are linearizable. Unlike an embedded
 * engine, one that fails recovers: `failure` tells only how it is now.
 */
export class EtcdStore implements Store {
  readonly #client: EtcdClient;
  readonly #keys: EtcdKeys;
  /** Where etcd keeps how far revisions here are ahead of its own. */
  readonly #offsetKey: string;
  readonly #latest = new Latest(() => this.#header(HEADER));
  readonly #watches = new Set<EtcdWatch>();
  readonly #writing = new Set<Promise<unknown>>();
  readonly #owner: WatchOwner;
  readonly #compactor: Compactor | undefined;
  readonly #standing = new Standing();
  readonly #spaceAlarm = new SpaceAlarm({
    full: async () => (await this.#status()).errors.some((error) => error.includes('NOSPACE')),
    refuses: (error) => this.#standing.refuses(error),
  });
  #closed = false;

  constructor(options: EtcdStoreOptions) {
    const { root = REGISTRY_PREFIX.slice(0, -1), historyAgeMs, onCompactionError = () => {} } = options;
    this.#client = new EtcdClient(options);
    this.#keys = new EtcdKeys(root);
    this.#offsetKey = offsetKeyOf(root);
    if (historyAgeMs !== undefined) {
      const compactable = {
        turn: this.turn.bind(this),
        compact: this.compact.bind(this),
        failed: onCompactionError,
      };
      this.#compactor = new Compactor(compactable, historyAgeMs);
    }
    this.#owner = {
      client: this.#client,
      keys: this.#keys,
      offsetKey: this.#offsetKey,
      ahead: () => this.#ahead,
      newest: () => this.revision,
      moved: () => void this.latest().catch((error: unknown) => this.#failsFor(error)),
      connected: () => this.#standing.works(),
      disconnected: (end) => void this.#fails(storageErrorOf(end, this)),
      forgot: (compacted) => this.#standing.forgets(compacted),
      saw: (revision) => this.#standing.sees(revision),
      finished: (watch) => this.#watches.delete(watch),
    };
  }

  async open({ waitMs = 0, onWait = () => {} }: Pick<EtcdStoreOptions, 'waitMs' | 'onWait'> = {}): Promise<void> {
    const end = performance.now() + waitMs;
    for (let tries = 0; ; tries++) {
      try {
        await this.#header({ ...READ, deadlineMs: OPEN_DEADLINE_MS });
        return;
      } catch (error) {
        if (!isStorageError(error, 'unavailable') || performance.now() > end) throw error;
        if (tries === 0) onWait(error);
        await pause(OPEN_PAUSE_MS);
      }
    }
  }

  get revision(): Revision {
    return this.#standing.revision;
  }

  get failure(): StorageError | undefined {
    return this.#standing.failure;
  }

  get compactedRevision(): Revision {
    return this.#standing.compactedRevision;
  }

  /** How far revisions here are ahead of etcd's. */
  get #ahead(): number {
    return this.#standing.offset.ahead;
  }

  latest(): Promise<Revision> {
    return this.#latest.read();
  }

  async get(key: StoreKey): Promise<StoredValue | undefined> {
    const { items } = await this.#range({ key: this.#keys.outside(key) });
    return items[0] === undefined ? undefined : this.#keys.stored(items[0]);
  }

  /** etcd shows nothing that is not durable. */
  async durable(revision: Revision): Promise<void> {
    if (revision <= this.revision) return;
    const latest = await this.latest();
    if (revision > latest) throw futureRevisionError(latest);
  }

  async list(prefix: StoreKey, { at, limit, after }: ListOptions = {}): Promise<ListResult> {
    const end = prefixEnd(this.#keys.outside(prefix));
    const wanted = limit ?? Number.POSITIVE_INFINITY;
    const items: StoredValue[] = [];
    let key = this.#keys.outside(after === undefined ? prefix : `${after}\u0000`);
    let revision = at;
    for (;;) {
      const page = await this.#range({
        key,
        end,
        limit: Math.min(wanted - items.length, RANGE_ITEMS_MAX),
        ...(revision === undefined ? {} : { revision }),
      });
      revision ??= page.revision;
      for (const item of page.items) items.push(this.#keys.told(item));
      const last = page.items[page.items.length - 1];
      if (!page.more || last === undefined || items.length >= wanted) return { items, revision, more: page.more };
      key = `${last.key}\u0000`;
    }
  }

  async create(key: StoreKey, value: Buffer): Promise<Revision> {
    checkSize(key, value);
    const { done, revision, found } = await this.#write(key, 0, value);
    if (!done) throw existsError(key, found?.modRevision ?? 0);
    return revision;
  }

  async update(key: StoreKey, value: Buffer, expected: Revision): Promise<Revision> {
    checkSize(key, value);
    return revisionOf(key, expected, await this.#write(key, expected || NO_REVISION, value));
  }

  async delete(key: StoreKey, expected: Revision): Promise<Revision> {
    return revisionOf(key, expected, await this.#write(key, expected || NO_REVISION, undefined));
  }

  async watch(prefix: StoreKey, from: Revision, sink: WatchSink, signal: AbortSignal): Promise<void> {
    const latest = from > this.revision ? await this.latest() : this.revision;
    if (from > latest) throw futureRevisionError(latest);
    await this.#checkKept(from, latest);
    if (from < this.compactedRevision) throw compactedError(this.compactedRevision);
    const watch = new EtcdWatch(this.#owner, this.#keys.outside(prefix), from, sink);
    this.#watches.add(watch);
    signal.addEventListener('abort', () => watch.stop(signal.reason), { once: true });
    if (signal.aborted) return watch.stop(signal.reason);
    watch.open();
    // An etcd that never was written to stands at revision 1, of which there is no event.
    if (latest > 1) await watch.reach(latest);
  }

  async compact(revision: Revision): Promise<void> {
    const latest = revision > this.revision ? await this.latest() : this.revision;
    if (revision > latest) throw futureRevisionError(latest);
    if (revision < this.compactedRevision) throw compactedError(this.compactedRevision);
    await this.#call('Compact', encodeCompaction(revision, this.#ahead), WRITE);
    this.#standing.forgets(revision);
  }

  /** What the member that answers says of its own copy. */
  async size(): Promise<number> {
    return (await this.#status()).databaseSize;
  }

  async #status(): Promise<StatusAnswer> {
    return decodeStatus(await this.#call('Status', Buffer.alloc(0), HEADER));
  }

  /**
   * Makes sure that every later revision is above `revision`, for this server and all others, which read everything anew.
   * Rejects with `conflict` when somebody else does the same at the same time.
   */
  async advance(revision: Revision): Promise<void> {
    const missing = revision - (await this.latest());
    if (missing <= 0) return;
    const ahead = this.#ahead;
    const [key, expected, value] = [this.#offsetKey, beginningOf(this.#standing.offset), offsetValue(ahead + missing)];
    const request = encodeGuarded({ key, expected, value, offsetKey: key }, ahead);
    const { done } = decodeGuarded(await this.#call('Txn', request, WRITE), ahead);
    if (!done) throw new StorageError('conflict', `another restore writes ${this.#offsetKey} in etcd`);
    await this.latest();
  }

  /** Writes down where history stands if nobody did since revision `expected` (see Compactor). */
  turn(expected: Revision, reached: Revision): Promise<GuardedAnswer> {
    const value = Buffer.from(String(etcdRevision(reached, this.#ahead)));
    return this.#guarded(COMPACT_KEY, expected, value);
  }

  async snapshot(file: string): Promise<void> {
    await writeEtcdSnapshot(this, file);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#compactor?.stop();
    this.#spaceAlarm.stop();
    await Promise.allSettled(this.#writing);
    await this.#settle();
    for (const watch of [...this.#watches]) watch.fail(closedError());
    this.#client.close();
  }

  /** Lets watches hear of what was written here, if etcd still answers. */
  async #settle(): Promise<void> {
    if (this.failure !== undefined) return;
    const heard = Promise.allSettled([...this.#watches].map((watch) => watch.reach(this.revision)));
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.revision > 1 ? CLOSE_WAIT_MS : 0);
    });
    await Promise.race([heard, enough]);
    clearTimeout(timer);
  }

  /** Throws `compacted` when changes after `from` are no longer there. */
  async #checkKept(from: Revision, latest: Revision): Promise<void> {
    if (from < this.compactedRevision) throw compactedError(this.compactedRevision);
    if (from === latest) return;
    // Revision 0 cannot be read at; the first one there ever was tells the same.
    await this.#range({ key: this.#keys.outside(REGISTRY_PREFIX), revision: Math.max(from, 1), countOnly: true });
  }

  async #range(query: RangeQuery): Promise<RangeAnswer> {
    if (query.revision !== undefined && query.revision < this.compactedRevision)
      throw compactedError(this.compactedRevision);
    const ahead = this.#ahead;
    const answer = decodeRange(await this.#call('Range', encodeRange(query, ahead), READ), ahead);
    this.#standing.sees(answer.revision);
    return answer;
  }

  /** The newest revision; with it comes the offset, so that nobody reads with a former one. */
  async #header(options: CallOptions): Promise<Revision> {
    const { revision: seen, offset: former } = this.#standing;
    const query = encodeRange({ key: this.#offsetKey }, 0);
    const { revision, items } = decodeRange(await this.#call('Range', query, options), 0);
    const offset = readOffset(items[0]);
    const newest = storeRevision(revision, offset.ahead);
    if (offset.ahead < former.ahead || newest < seen) throw this.#fails(wentBackError());
    if (this.#standing.adopts(offset)) {
      for (const watch of [...this.#watches]) watch.fail(compactedError(this.compactedRevision));
    }
    this.#standing.sees(newest);
    return newest;
  }

  #write(key: StoreKey, expected: Revision, value: Buffer | undefined): Promise<GuardedAnswer> {
    return this.#guarded(this.#keys.outside(key), expected, value);
  }

  /** Writes a key as it is in etcd, or deletes it, if its last write was of revision `expected`; 0: if there is none. */
  async #guarded(key: string, expected: Revision, value: Buffer | undefined): Promise<GuardedAnswer> {
    const ahead = this.#ahead;
    const request = encodeGuarded({ key, expected, value, offsetKey: this.#offsetKey }, ahead);
    const calling = this.#call('Txn', request, WRITE);
    this.#writing.add(calling);
    try {
      const answer = decodeGuarded(await calling, ahead);
      this.#standing.sees(answer.revision);
      // Refused, though the key is as expected: the offset is another.
      if (answer.done || (answer.found?.modRevision ?? 0) !== expected) return answer;
    } finally {
      this.#writing.delete(calling);
    }
    await this.latest();
    if (ahead === this.#ahead) throw wentBackError();
    return this.#guarded(key, expected, value);
  }

  async #call(method: Method, request: Buffer, options: CallOptions): Promise<Buffer> {
    if (this.#closed) throw closedError();
    try {
      const answer = await this.#client.call(method, request, options);
      this.#standing.works();
      return answer;
    } catch (error) {
      if (!(error instanceof GrpcError)) throw error;
      throw await this.#explained(storageErrorOf(error, this));
    }
  }

  async #explained(error: StorageError): Promise<StorageError> {
    if (isStorageError(error, 'unavailable')) this.#fails(error);
    this.#spaceAlarm.heard(error);
    if (!isStorageError(error, 'compacted')) return error;
    // The answer does not say up to where; a watch from the start is told.
    this.#standing.forgets(await probeCompacted(this.#client, this.#ahead));
    return compactedError(this.compactedRevision);
  }

  #fails(error: StorageError): StorageError {
    return this.#closed ? error : this.#standing.fails(error);
  }

  #failsFor(error: unknown): void {
    if (error instanceof StorageError) this.#fails(error);
  }
}

function revisionOf(key: StoreKey, expected: Revision, { done, revision, found }: GuardedAnswer): Revision {
  if (done) return revision;
  if (found === undefined) throw notFoundError(key);
  throw conflictError(key, expected, found.modRevision);
}
