import { stringify } from '@kcp/apimachinery/json/stringify';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { apiVersionOf } from '@kcp/apimachinery/meta/resource';
import { inTurns } from '@kcp/apimachinery/turns/turn';
import { atOnce, type Work } from '@kcp/apimachinery/turns/work';
import type { CachedObject } from '@kcp/storage/cache';
import { ByteWriter } from '../http/byte-writer.js';
import type { BytesResponse } from '../http/exchange.js';
import type { ResourceType } from '../registry/resource-type.js';
import { MEDIA_TYPES, type OutputFormat } from '../request/negotiation.js';
import { answerValue, bytesResponse } from './answer.js';
import { protobufList } from './protobuf-output.js';
import type { ResourceRequest } from './resource-request.js';
import { type ShownObjects, shownIn } from './shown-object.js';
import { includeObjectOf, makingCells, RowWriter, tableHead } from './table-output.js';

/** A list before it is encoded. */
export interface ListAnswer {
  readonly items: readonly CachedObject[];
  readonly revision: number;
  readonly continue?: string;
  readonly remaining?: number;
}

/** Encodes a list in the wanted form. JSON, tables and metadata are spliced from the bytes of the objects. */
export async function answerList(
  rr: ResourceRequest,
  format: OutputFormat,
  answer: ListAnswer,
): Promise<BytesResponse> {
  const { codec } = rr.type;
  // Metadata alone are shown as they are stored, unless somebody else converts them.
  const asStored = format.as === 'PartialObjectMetadataList' && codec.remote === undefined;
  if (!asStored) await codec.prepare?.(answer.items);
  if (format.encoding === 'protobuf') {
    return bytesResponse(
      200,
      MEDIA_TYPES.protobuf,
      protobufList(rr.type, shownIn(rr.info.scope, rr.type), format, listMeta(answer), answer.items),
    );
  }
  const work = jsonList(rr, format, answer);
  const body = format.as === 'Table' ? await inTurns(work) : atOnce(work);
  if (format.encoding === 'json' && !format.pretty) return bytesResponse(200, MEDIA_TYPES.json, ...body);
  const text = Buffer.concat(body).toString('utf8');
  return answerValue({ ...format, as: 'object' }, 200, () => JSON.parse(text));
}

function* jsonList(rr: ResourceRequest, format: OutputFormat, answer: ListAnswer): Work<Buffer[]> {
  const out = new ByteWriter();
  const meta = listMeta(answer);
  // The lists of custom types are maps to upstream, which leave nothing out.
  const open = rr.type.origin === 'custom' && format.as === 'object' ? { continue: '', ...meta } : meta;
  const metadata = stringify(open);
  const shown = shownIn(rr.info.scope, rr.type);
  if (format.as === 'Table') yield* writeTable(rr, format, answer, metadata, out);
  else if (format.as === 'PartialObjectMetadataList') writeMetadata(shown, format, answer, metadata, out);
  else writeObjects(rr.type, shown, answer, metadata, out);
  return out.finish();
}

function listMeta(answer: ListAnswer): JsonObject {
  return {
    resourceVersion: String(answer.revision),
    ...(answer.continue === undefined ? {} : { continue: answer.continue }),
    ...(answer.remaining === undefined ? {} : { remainingItemCount: answer.remaining }),
  };
}

const OPEN_BRACE = Buffer.from('{');
const COMMA_OPEN_BRACE = Buffer.from(',{');
const COMMA = Buffer.from(',');

/** Items of built-in lists carry no kind and apiVersion of their own, those of custom lists do, as upstream. */
function writeObjects(
  type: ResourceType,
  shown: ShownObjects,
  answer: ListAnswer,
  metadata: string,
  out: ByteWriter,
): void {
  const apiVersion = apiVersionOf(type.gvk);
  out.text(
    `{"kind":${JSON.stringify(type.names.listKind)},"apiVersion":"${apiVersion}","metadata":${metadata},"items":[`,
  );
  const skip = type.origin === 'builtin' ? `{"kind":"${type.gvk.kind}","apiVersion":"${apiVersion}",`.length : 0;
  let first = true;
  for (const item of answer.items) {
    const bytes = shown.bytes(item);
    if (skip === 0) {
      if (!first) out.bytes(COMMA);
      out.bytes(bytes);
    } else {
      out.bytes(first ? OPEN_BRACE : COMMA_OPEN_BRACE);
      out.bytes(bytes.subarray(skip));
    }
    first = false;
  }
  out.text(']}\n');
}

function writeMetadata(
  shown: ShownObjects,
  format: OutputFormat,
  answer: ListAnswer,
  metadata: string,
  out: ByteWriter,
): void {
  out.text(`{"kind":"PartialObjectMetadataList","apiVersion":"${format.asVersion}","metadata":${metadata},"items":[`);
  const head = `{"kind":"PartialObjectMetadata","apiVersion":"${format.asVersion}","metadata":`;
  const first = Buffer.from(head);
  const next = Buffer.from(`},${head}`);
  answer.items.forEach((item, i) => {
    out.bytes(i === 0 ? first : next);
    out.bytes(shown.metadata(item));
  });
  out.text(answer.items.length > 0 ? '}]}\n' : ']}\n');
}

/** Characters of cells after which the rest of a Table may wait. */
const PIECE_CHARS = 256 * 1024;

function* writeTable(
  rr: ResourceRequest,
  format: OutputFormat,
  answer: ListAnswer,
  metadata: string,
  out: ByteWriter,
): Work<void> {
  const include = includeObjectOf(rr.info.query.get('includeObject'));
  const shown = shownIn(rr.info.scope, rr.type);
  const rows = new RowWriter(rr.type, shown, include, rr.registry.clock.now(), format.asVersion);
  const { prepare } = rr.type.table;
  if (prepare !== undefined) yield* prepare();
  out.text(tableHead(rr.type, metadata, format.asVersion, true));
  yield* makingCells(rr.type, answer.items);
  let written = 0;
  for (const [i, item] of answer.items.entries()) {
    if (i > 0) out.bytes(COMMA);
    written += rows.write(item, out);
    if (written < PIECE_CHARS) continue;
    written = 0;
    yield;
  }
  out.text(']}\n');
}
