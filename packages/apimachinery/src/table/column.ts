import type { JsonObject, JsonValue } from '../json/value.js';
import type { KubeObject } from '../meta/object.js';
import type { Work } from '../turns/work.js';
import { humanDuration } from './human-duration.js';

/** `metav1.TableColumnDefinition`. A priority above 0 shows only in wide output. */
export interface TableColumn {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

/** Marks an age among plain JSON cells: the time since `since`, with fixed text around it. */
export class AgeCell {
  readonly since: number;
  readonly before: string;
  readonly after: string;

  constructor(since: number, before = '', after = '') {
    this.since = since;
    this.before = before;
    this.after = after;
  }
}

export type Cell = JsonValue | AgeCell;

/** How objects of one type become rows: columns and, per object, as many cells. */
export interface TableType {
  readonly columns: readonly TableColumn[];
  cells(object: KubeObject): Cell[];
  /** Makes the columns ready, where that may take long. */
  readonly prepare?: () => Work<void>;
}

export const NAME_COLUMN = column('Name', 'string', 'The name of the object, unique within its scope.', {
  format: 'name',
});
export const AGE_COLUMN = column('Age', 'string', 'Time since the object was created.');

/** Makes a column; `format` and `priority` default to what a plain column has. */
export function column(
  name: string,
  type: string,
  description: string,
  more: { readonly format?: string; readonly priority?: number } = {},
): TableColumn {
  return { name, type, format: more.format ?? '', description, priority: more.priority ?? 0 };
}

/** The age of what happened at an RFC 3339 time; `<unknown>` without one. */
export function ageOf(timestamp: JsonValue | undefined): Cell {
  if (typeof timestamp !== 'string' || timestamp === '') return '<unknown>';
  const since = parseTime(timestamp);
  return since === undefined ? '<invalid>' : new AgeCell(since);
}

/** The age of the object. */
export function creationAge(object: KubeObject): Cell {
  return ageOf(object.metadata.creationTimestamp);
}

/** The cell as it is sent. `now` is milliseconds since the epoch. */
export function renderCell(cell: Cell, now: number): JsonValue {
  if (!(cell instanceof AgeCell)) return cell;
  return `${cell.before}${humanDuration(now - cell.since)}${cell.after}`;
}

const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

function parseTime(text: string): number | undefined {
  if (!RFC3339.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

/** The columns as they stand in a Table. */
export function columnDefinitions(columns: readonly TableColumn[]): JsonObject[] {
  return columns.map(({ name, type, format, description, priority }) => ({
    name,
    type,
    format,
    description,
    priority,
  }));
}
