import { fieldErrorText } from '@kcp/apimachinery/errors/field-error';
import { newBadRequest } from '@kcp/apimachinery/errors/status-error';
import { stringify } from '@kcp/apimachinery/json/stringify';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { AgeCell, type Cell, columnDefinitions, renderCell } from '@kcp/apimachinery/table/column';
import { type IncludeObject, parseIncludeObject, printTable } from '@kcp/apimachinery/table/table';
import type { CachedObject, MemoSlot } from '@kcp/storage/cache';
import { newMemoSlot } from '@kcp/storage/watch-cache/memo';
import type { ByteWriter } from '../http/byte-writer.js';
import { parseStored } from '../registry/parse-stored.js';
import type { ResourceType } from '../registry/resource-type.js';
import type { AnswerContext } from './answer.js';
import type { ShownObjects } from './shown-object.js';

/** Reads the query parameter. Throws 400 in upstream's words. */
export function includeObjectOf(text: string): IncludeObject {
  const parsed = parseIncludeObject(text);
  if (typeof parsed === 'string') return parsed;
  throw newBadRequest(`Unable to convert to Table as requested: ${fieldErrorText(parsed)}`);
}

/** One object as a Table of one row. */
export function singleTable({ type, format, includeObject, now }: AnswerContext, object: KubeObject): JsonObject {
  return printTable({
    columns: type.table.columns,
    rows: [{ cells: type.table.cells(object), object }],
    includeObject: includeObjectOf(includeObject),
    now,
    apiVersion: format.asVersion,
    metadata: object.metadata.resourceVersion === undefined ? {} : { resourceVersion: object.metadata.resourceVersion },
  });
}

/** The cells of one revision: their JSON, with the ages, which depend on the time of asking, left out. */
type KeptCells = readonly (string | AgeCell)[];

const cellSlots = new WeakMap<ResourceType, MemoSlot<KeptCells>>();
const CELL_SEPARATOR = ',';

/** Writes the rows of a list: cells are made once per revision, metadata and objects are spliced from their bytes. */
export class RowWriter {
  readonly #type: ResourceType;
  readonly #shown: ShownObjects;
  readonly #include: IncludeObject;
  readonly #now: number;
  readonly #slot: MemoSlot<KeptCells>;
  readonly #apiVersion: string;

  constructor(type: ResourceType, shown: ShownObjects, include: IncludeObject, now: number, apiVersion: string) {
    this.#type = type;
    this.#shown = shown;
    this.#include = include;
    this.#now = now;
    this.#apiVersion = apiVersion;
    this.#slot = slotOf(type);
  }

  write(object: CachedObject, out: ByteWriter): void {
    out.text(`{"cells":[${this.#cells(object)}],"object":`);
    if (this.#include === 'Object') out.bytes(this.#shown.bytes(object));
    else if (this.#include === 'None') out.text('null');
    else {
      out.text(`{"kind":"PartialObjectMetadata","apiVersion":"${this.#apiVersion}","metadata":`);
      out.bytes(this.#shown.metadata(object));
      out.text('}');
    }
    out.text('}');
  }

  #cells(object: CachedObject): string {
    const kept = object.memo(this.#slot, () => keptCells(this.#type, object));
    let text = '';
    for (const part of kept) text += typeof part === 'string' ? part : stringify(renderCell(part, this.#now));
    return text;
  }
}

/** The part of a Table before its rows. `metadata` is the encoded ListMeta; `headers` false leaves the columns out. */
export function tableHead(type: ResourceType, metadata: string, apiVersion: string, headers: boolean): string {
  const columns = headers ? stringify(columnDefinitions(type.table.columns)) : 'null';
  return `{"kind":"Table","apiVersion":"${apiVersion}","metadata":${metadata},"columnDefinitions":${columns},"rows":[`;
}

function slotOf(type: ResourceType): MemoSlot<KeptCells> {
  let slot = cellSlots.get(type);
  if (slot === undefined) {
    slot = newMemoSlot<KeptCells>('cells');
    cellSlots.set(type, slot);
  }
  return slot;
}

/** Neighbouring cells that do not age are one text. */
function keptCells(type: ResourceType, object: CachedObject): KeptCells {
  const kept: (string | AgeCell)[] = [];
  let text = '';
  type.table.cells(viewed(type, object)).forEach((cell: Cell, i) => {
    if (i > 0) text += CELL_SEPARATOR;
    if (cell instanceof AgeCell) {
      kept.push(text, cell);
      text = '';
    } else text += stringify(cell);
  });
  return [...kept, text];
}

/** The object as the version of the URL shows it; its own fields are what columns read. */
function viewed(type: ResourceType, object: CachedObject): KubeObject {
  return parseStored(type.codec.view(object));
}
