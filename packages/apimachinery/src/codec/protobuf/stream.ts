import type { JsonObject } from '../../json/value.js';
import { apiVersionOf, type GroupVersionKind } from '../../meta/resource.js';
import { structType } from '../../types/struct-type.js';
import { encodeMessage } from './encode-message.js';
import { envelop } from './envelope.js';
import { WireWriter } from './wire-writer.js';

const FRAME_HEADER = 4;

/**
 * Encodes a list from items that are encoded already. `gvk` is that of the list; `listMeta` its metadata; `items` are
 * bare messages (what `encodeMessage` gives, or the `raw` of an envelope), in order. Every list of the API has its
 * metadata in field 1 and its items in field 2.
 */
export function encodeList(gvk: GroupVersionKind, listMeta: JsonObject, items: readonly Uint8Array[]): Buffer {
  const writer = new WireWriter();
  for (let i = items.length - 1; i >= 0; i--) {
    const item = items[i];
    if (item !== undefined) writer.bytes(2, item);
  }
  writer.bytes(1, encodeMessage(structType('meta/v1.ListMeta'), listMeta));
  return envelop(apiVersionOf(gvk), gvk.kind, writer.finish());
}

/**
 * One event of a watch in protobuf: four bytes of length (big-endian), then a bare WatchEvent whose object is the
 * enveloped object `object`.
 */
export function encodeWatchFrame(type: string, object: Uint8Array): Buffer {
  const writer = new WireWriter();
  const before = writer.size;
  writer.bytes(1, object);
  writer.message(2, before);
  writer.text(1, type);
  const length = writer.size;
  const header = Buffer.allocUnsafe(FRAME_HEADER);
  header.writeUInt32BE(length);
  writer.raw(header);
  return writer.finish();
}
