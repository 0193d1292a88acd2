import { stringify } from '@kcp/apimachinery/json/stringify';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { ALL_CLUSTERS, type ClusterScope } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { apiVersionOf } from '@kcp/apimachinery/meta/resource';
import type { IncludeObject } from '@kcp/apimachinery/table/table';
import { printTable } from '@kcp/apimachinery/table/table';
import { ownBytes } from '@kcp/storage/bytes/own-bytes';
import type { CachedObject, CacheEvent, MemoSlot } from '@kcp/storage/cache';
import { newMemoSlot } from '@kcp/storage/watch-cache/memo';
import { parseStored } from '../registry/parse-stored.js';
import type { ResourceType } from '../registry/resource-type.js';
import type { OutputFormat } from '../request/negotiation.js';
import { protobufFrame } from './protobuf-output.js';
import { type ShownObjects, shownIn } from './shown-object.js';

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

/** Encodes what one watch sends. One for all watches of a type in one form, except tables, which differ by watch. */
export interface FrameEncoder {
  /** An object outside of any change: the beginning of a watch. */
  object(type: WatchEventType, object: CachedObject): Buffer;
  /** A change; `type` is what it means for this watch, `object` what it shows. */
  event(event: CacheEvent, type: WatchEventType, object: CachedObject): Buffer;
  /** An object that stands nowhere: bookmarks and errors. */
  value(type: WatchEventType, value: JsonObject): Buffer;
}

const shared = new WeakMap<ResourceType, Map<string, SharedFrames>>();

/** The encoder for a watch. `include` and `now` matter to tables alone. */
export function frameEncoder(
  type: ResourceType,
  scope: ClusterScope,
  format: OutputFormat,
  include: () => IncludeObject,
  now: () => number,
): FrameEncoder {
  if (format.as === 'Table') return new TableFrames(type, shownIn(scope, type), format.asVersion, include(), now);
  const key = `${scope === ALL_CLUSTERS ? ALL_CLUSTERS : ''} ${format.encoding} ${format.as} ${format.asVersion}`;
  let encoders = shared.get(type);
  if (encoders === undefined) {
    encoders = new Map();
    shared.set(type, encoders);
  }
  let encoder = encoders.get(key);
  if (encoder === undefined) {
    encoder = new SharedFrames(shownIn(scope, type), format);
    encoders.set(key, encoder);
  }
  return encoder;
}

/** A bookmark of a type: an object that has nothing but a resourceVersion. */
export function bookmarkObject(type: ResourceType, revision: number, endOfInitialEvents: boolean): KubeObject {
  const annotations = endOfInitialEvents ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
  const { kind } = type.gvk;
  return { kind, apiVersion: apiVersionOf(type.gvk), metadata: { resourceVersion: String(revision), ...annotations } };
}

/** Frames from this size on stay only while some watch is sending them: a history of them would be large. */
const FRAME_KEPT_BYTES_MAX = 2_048;

/** The frame of one event. */
class KeptFrame {
  #frame: Buffer | WeakRef<Buffer> | undefined;

  get(make: () => Buffer): Buffer {
    const known = this.#frame instanceof WeakRef ? this.#frame.deref() : this.#frame;
    if (known !== undefined) return known;
    const frame = make();
    if (frame.length > FRAME_KEPT_BYTES_MAX) {
      this.#frame = new WeakRef(frame);
      return frame;
    }
    const kept = ownBytes(frame);
    this.#frame = kept;
    return kept;
  }
}

class SharedFrames implements FrameEncoder {
  readonly #shown: ShownObjects;
  readonly #format: OutputFormat;
  /** An event means one of three things to a watch, and is encoded at most once for each. */
  readonly #slots: Readonly<Record<'ADDED' | 'MODIFIED' | 'DELETED', MemoSlot<KeptFrame>>> = {
    ADDED: newMemoSlot<KeptFrame>('added'),
    MODIFIED: newMemoSlot<KeptFrame>('modified'),
    DELETED: newMemoSlot<KeptFrame>('deleted'),
  };

  constructor(shown: ShownObjects, format: OutputFormat) {
    this.#shown = shown;
    this.#format = format;
  }

  object(type: WatchEventType, object: CachedObject): Buffer {
    if (this.#format.encoding === 'protobuf') return protobufFrame(type, this.#value(object));
    if (this.#format.as === 'object') return jsonFrame(type, this.#shown.bytes(object));
    const head = Buffer.from(`{"kind":"PartialObjectMetadata","apiVersion":"${this.#format.asVersion}","metadata":`);
    return jsonFrame(type, Buffer.concat([head, this.#shown.metadata(object), CLOSE]));
  }

  #value(object: CachedObject): JsonObject {
    const shown = parseStored(this.#shown.bytes(object));
    if (this.#format.as === 'object') return shown;
    return { kind: 'PartialObjectMetadata', apiVersion: this.#format.asVersion, metadata: shown.metadata };
  }

  event(event: CacheEvent, type: WatchEventType, object: CachedObject): Buffer {
    if (type === 'BOOKMARK' || type === 'ERROR') return this.object(type, object);
    return event.memo(this.#slots[type], () => new KeptFrame()).get(() => this.object(type, object));
  }

  value(type: WatchEventType, value: JsonObject): Buffer {
    if (this.#format.encoding === 'protobuf') return protobufFrame(type, value);
    if (type !== 'BOOKMARK' || this.#format.as === 'object') return jsonFrame(type, Buffer.from(stringify(value)));
    const partial = { ...value, kind: 'PartialObjectMetadata', apiVersion: this.#format.asVersion };
    return jsonFrame(type, Buffer.from(stringify(partial)));
  }
}

/** Tables: only the first event of a watch carries the columns. */
class TableFrames implements FrameEncoder {
  readonly #type: ResourceType;
  readonly #shown: ShownObjects;
  readonly #apiVersion: string;
  readonly #include: IncludeObject;
  readonly #now: () => number;
  #headersSent = false;

  constructor(type: ResourceType, shown: ShownObjects, apiVersion: string, include: IncludeObject, now: () => number) {
    this.#type = type;
    this.#shown = shown;
    this.#apiVersion = apiVersion;
    this.#include = include;
    this.#now = now;
  }

  object(type: WatchEventType, object: CachedObject): Buffer {
    return this.value(type, parseStored(this.#shown.bytes(object)));
  }

  event(_event: CacheEvent, type: WatchEventType, object: CachedObject): Buffer {
    return this.object(type, object);
  }

  value(type: WatchEventType, value: JsonObject): Buffer {
    if (type === 'ERROR' || !isKube(value)) return jsonFrame(type, Buffer.from(stringify(value)));
    const table = printTable({
      columns: this.#type.table.columns,
      rows: [{ cells: this.#type.table.cells(value), object: value }],
      includeObject: this.#include,
      now: this.#now(),
      metadata: { resourceVersion: value.metadata.resourceVersion ?? '' },
      noHeaders: this.#headersSent,
    });
    this.#headersSent = true;
    return jsonFrame(type, Buffer.from(stringify({ ...table, apiVersion: this.#apiVersion })));
  }
}

const CLOSE = Buffer.from('}');
const END_OF_FRAME = Buffer.from('}\n');

function jsonFrame(type: WatchEventType, object: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`{"type":"${type}","object":`), object, END_OF_FRAME]);
}

function isKube(value: JsonObject): value is KubeObject {
  return typeof value.metadata === 'object' && value.metadata !== null;
}
