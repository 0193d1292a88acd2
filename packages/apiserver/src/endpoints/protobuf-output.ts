import { encodeMessage } from '@kcp/apimachinery/codec/protobuf/encode-message';
import { encodeProtobuf } from '@kcp/apimachinery/codec/protobuf/envelope';
import { encodeList, encodeWatchFrame } from '@kcp/apimachinery/codec/protobuf/stream';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { type GroupVersionKind, parseApiVersion } from '@kcp/apimachinery/meta/resource';
import { readString } from '@kcp/apimachinery/schema/read';
import { structType } from '@kcp/apimachinery/types/struct-type';
import { typeOf } from '@kcp/apimachinery/types/type-of';
import type { CachedObject, MemoSlot } from '@kcp/storage/cache';
import { newMemoSlot } from '@kcp/storage/watch-cache/memo';
import { parseStored } from '../registry/parse-stored.js';
import type { ResourceType } from '../registry/resource-type.js';
import type { OutputFormat } from '../request/negotiation.js';
import type { ShownObjects } from './shown-object.js';
import type { WatchEventType } from './watch-frames.js';

const messageSlots = new WeakMap<ResourceType, MemoSlot<Buffer>>();

/** Any object of a built-in kind with its envelope. Discovery of the core group has no apiVersion, there as in JSON. */
export function protobufOf(value: JsonObject): Buffer {
  const apiVersion = readString(value, 'apiVersion');
  return encodeProtobuf(kindOf(apiVersion || 'v1', readString(value, 'kind')), value, apiVersion);
}

/** A list of objects, or of their metadata alone; each object of one cluster is encoded once per revision. */
export function protobufList(
  type: ResourceType,
  shown: ShownObjects,
  format: OutputFormat,
  listMeta: JsonObject,
  items: readonly CachedObject[],
): Buffer {
  if (format.as === 'PartialObjectMetadataList') {
    const gvk = kindOf(format.asVersion, format.as);
    return encodeList(
      gvk,
      listMeta,
      items.map((item) => metadataMessage(parseStored(shown.bytes(item)), format.asVersion)),
    );
  }
  const gvk = { ...type.gvk, kind: type.names.listKind };
  const slot = slotOf(type);
  const encode = (item: CachedObject): Buffer => message(type, parseStored(shown.bytes(item)));
  return encodeList(
    gvk,
    listMeta,
    items.map((item) => (shown.shared ? item.memo(slot, () => encode(item)) : encode(item))),
  );
}

/** One event of a watch. */
export function protobufFrame(type: WatchEventType, value: JsonObject): Buffer {
  return encodeWatchFrame(type, protobufOf(value));
}

function message(type: ResourceType, object: KubeObject): Buffer {
  const struct = typeOf(type.gvk);
  if (struct === undefined) throw new TypeError(`${type.gvk.kind} has no protobuf form`);
  return encodeMessage(struct, object);
}

function metadataMessage({ metadata }: KubeObject, apiVersion: string): Buffer {
  const partial = { kind: 'PartialObjectMetadata', apiVersion, metadata };
  return encodeMessage(structType('meta/v1.PartialObjectMetadata'), partial);
}

function slotOf(type: ResourceType): MemoSlot<Buffer> {
  let slot = messageSlots.get(type);
  if (slot === undefined) {
    slot = newMemoSlot<Buffer>('protobuf');
    messageSlots.set(type, slot);
  }
  return slot;
}

function kindOf(apiVersion: string, kind: string): GroupVersionKind {
  const gv = parseApiVersion(apiVersion);
  if (gv === undefined) throw new TypeError(`${apiVersion} is no apiVersion`);
  return { ...gv, kind };
}
