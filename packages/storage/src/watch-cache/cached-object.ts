import { parseStoredJson } from '@kcp/apimachinery/json/parse';
import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import type { CachedObject, MemoSlot } from '../cache.js';
import { isStorageError, StorageError } from '../errors.js';
import type { ObjectKey } from '../key.js';
import type { Revision, StoredValue } from '../store.js';
import { memberAt, valueEnd } from './json-scan.js';
import { MemoTable } from './memo.js';
import { keyOfPath } from './resource-path.js';
import { metadataStart, replaceResourceVersion, withResourceVersion } from './resource-version.js';
import { SplitBytes } from './split-bytes.js';

const NO_LABELS: Readonly<Record<string, string>> = Object.freeze({});

/** What is found out about an object on demand; most objects never have one. */
class Findings {
  range: readonly [number, number] | undefined;
  labels: Readonly<Record<string, string>> | undefined;
  memos: MemoTable | undefined;
}

/** As small as it can be: there may be a million. */
export class CacheEntry implements CachedObject {
  readonly path: string;
  readonly revision: Revision;
  readonly createRevision: Revision;
  readonly #content: Buffer | SplitBytes;
  #findings: Findings | undefined;

  constructor(path: string, revision: Revision, createRevision: Revision, content: Buffer | SplitBytes) {
    this.path = path;
    this.revision = revision;
    this.createRevision = createRevision;
    this.#content = content;
  }

  /** Throws `corrupt`, naming the key, for a value that is no object. */
  static fromStored(path: string, stored: StoredValue, sharedMember?: string): CacheEntry {
    try {
      const bytes = withResourceVersion(stored.value, stored.modRevision);
      const split = sharedMember === undefined ? undefined : SplitBytes.at(bytes, sharedMember);
      return new CacheEntry(path, stored.modRevision, stored.createRevision, split ?? bytes);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      throw new StorageError('corrupt', `${stored.key}: ${error.message}`, { key: stored.key }, { cause: error });
    }
  }

  /** The same state with the revision of a later event as resourceVersion. */
  at(revision: Revision): CacheEntry {
    const head = replaceResourceVersion(this.#head, revision);
    const content = this.#content instanceof SplitBytes ? this.#content.withHead(head) : head;
    return new CacheEntry(this.path, revision, this.createRevision, content);
  }

  get bytes(): Buffer {
    return this.#content instanceof SplitBytes ? this.#content.joined() : this.#content;
  }

  /** Bytes that this object does not share with others. */
  get ownLength(): number {
    return this.#content instanceof SplitBytes ? this.#content.ownLength : this.#content.length;
  }

  get shared(): Buffer | undefined {
    return this.#content instanceof SplitBytes ? this.#content.member : undefined;
  }

  /** Begins with the metadata. */
  get #head(): Buffer {
    return this.#content instanceof SplitBytes ? this.#content.head : this.#content;
  }

  get key(): ObjectKey {
    return keyOfPath(this.path);
  }

  metadataRange(): readonly [number, number] {
    const found = this.#found();
    if (found.range === undefined) {
      const start = metadataStart(this.#head);
      found.range = [start, valueEnd(this.#head, start)];
    }
    return found.range;
  }

  labels(): Readonly<Record<string, string>> {
    const found = this.#found();
    found.labels ??= this.#parseLabels();
    return found.labels;
  }

  parse(): JsonObject {
    const object = parseStoredJson(this.bytes.toString());
    if (isObject(object)) return object;
    throw new StorageError('corrupt', `${this.path} is no object`);
  }

  memo<T>(slot: MemoSlot<T>, compute: () => T): T {
    const found = this.#found();
    found.memos ??= new MemoTable();
    return found.memos.get(slot, compute);
  }

  #found(): Findings {
    this.#findings ??= new Findings();
    return this.#findings;
  }

  #parseLabels(): Readonly<Record<string, string>> {
    const head = this.#head;
    const at = memberAt(head, metadataStart(head), 'labels');
    if (at === -1) return NO_LABELS;
    const labels: unknown = JSON.parse(head.toString('utf8', at, valueEnd(head, at)));
    return isStringMap(labels) ? labels : NO_LABELS;
  }
}

/** The object of a stored value, or why there is none (`corrupt`). */
export function readableEntry(path: string, stored: StoredValue, sharedMember?: string): CacheEntry | StorageError {
  try {
    return CacheEntry.fromStored(path, stored, sharedMember);
  } catch (error) {
    if (isStorageError(error, 'corrupt')) return error;
    throw error;
  }
}

function isStringMap(value: unknown): value is Readonly<Record<string, string>> {
  return typeof value === 'object' && value !== null && Object.values(value).every((one) => typeof one === 'string');
}
