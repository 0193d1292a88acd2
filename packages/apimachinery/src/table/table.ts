import { type FieldError, invalid } from '../errors/field-error.js';
import type { JsonObject, JsonValue } from '../json/value.js';
import type { KubeObject } from '../meta/object.js';
import { type Cell, columnDefinitions, renderCell, type TableColumn } from './column.js';
import { partialObjectMetadata } from './partial-object-metadata.js';

/** What comes with each row: nothing, the metadata, the whole object. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** One object with its cells, which the caller may have kept since the object's last change. */
export interface TableRow {
  readonly cells: readonly Cell[];
  readonly object: KubeObject;
}

export interface TableInput {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly TableRow[];
  readonly includeObject: IncludeObject;
  /** `meta.k8s.io/v1` unless another version is asked for; that of the metadata in the rows, too. */
  readonly apiVersion?: string;
  /** Milliseconds since the epoch, for ages. */
  readonly now: number;
  /** ListMeta of the list, or the resourceVersion of the one object. */
  readonly metadata: JsonObject;
  /** Events of a watch after the first carry no columns. */
  readonly noHeaders?: boolean;
}

/** Builds a Table. */
export function printTable(input: TableInput): JsonObject {
  const apiVersion = input.apiVersion ?? META_V1;
  return {
    kind: 'Table',
    apiVersion,
    metadata: input.metadata,
    columnDefinitions: input.noHeaders === true ? null : columnDefinitions(input.columns),
    rows: input.rows.map((row) => tableRow(row, input.includeObject, input.now, apiVersion)),
  };
}

/** One row of a Table. */
export function tableRow(row: TableRow, include: IncludeObject, now: number, apiVersion = META_V1): JsonObject {
  return { cells: row.cells.map((cell) => renderCell(cell, now)), object: included(row.object, include, apiVersion) };
}

/** Parses the query parameter; empty stands for Metadata. An unknown word is a field error. */
export function parseIncludeObject(text: string): IncludeObject | FieldError {
  if (text === '') return 'Metadata';
  if (text === 'None' || text === 'Metadata' || text === 'Object') return text;
  return invalid('includeObject', text, "must be 'Metadata', 'Object', 'None', or empty");
}

const META_V1 = 'meta.k8s.io/v1';

function included(object: KubeObject, include: IncludeObject, apiVersion: string): JsonValue {
  if (include === 'None') return null;
  return include === 'Object' ? object : { ...partialObjectMetadata(object), apiVersion };
}
