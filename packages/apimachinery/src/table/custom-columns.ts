import { stringify } from '../json/stringify.js';
import { getOwn, isNumber, isObject, type JsonObject, type JsonValue } from '../json/value.js';
import { compileJsonPath, type JsonPath } from '../json-path/json-path.js';
import { JsonPathError } from '../json-path/nodes.js';
import type { KubeObject } from '../meta/object.js';
import { isRestDue, type Work } from '../turns/work.js';
import { goNumber } from '../validation/go-number.js';
import {
  AGE_COLUMN,
  ageOf,
  type Cell,
  column,
  creationAge,
  NAME_COLUMN,
  type TableColumn,
  type TableType,
} from './column.js';

interface CustomColumn {
  readonly column: TableColumn;
  readonly path: JsonPath;
}

/**
 * Columns of a custom resource from the `additionalPrinterColumns` of its version (v1 form): Name first; Age only
 * when none are given. From the first one on whose path does not parse there are no more, as upstream.
 */
export function* makingCustomTable(printerColumns: readonly JsonObject[]): Work<TableType> {
  if (printerColumns.length === 0) return DEFAULT_CUSTOM_TABLE;
  const columns: CustomColumn[] = [];
  for (const source of printerColumns) {
    if (isRestDue()) yield;
    const made = customColumn(source);
    if (made === undefined) break;
    columns.push(made);
  }
  return {
    columns: [NAME_COLUMN, ...columns.map((each) => each.column)],
    cells: (object) => [object.metadata.name ?? '', ...columns.map((each) => customCell(each, object))],
  };
}

/** Name and Age: what custom resources without columns of their own have. */
const DEFAULT_CUSTOM_TABLE: TableType = {
  columns: [NAME_COLUMN, { ...AGE_COLUMN, type: 'date' }],
  cells: (object) => [object.metadata.name ?? '', creationAge(object)],
};

function customColumn(source: JsonObject): CustomColumn | undefined {
  const path = text(source, 'jsonPath');
  const compiled = compiledPath(path);
  if (compiled === undefined) return undefined;
  const given = text(source, 'description');
  const description = given === '' ? `Custom resource definition column (in JSONPath format): ${path}` : given;
  const priority = getOwn(source, 'priority');
  return {
    column: column(text(source, 'name'), text(source, 'type'), description, {
      format: text(source, 'format'),
      priority: typeof priority === 'number' ? priority : 0,
    }),
    path: compiled,
  };
}

function compiledPath(path: string): JsonPath | undefined {
  try {
    return compileJsonPath(path);
  } catch (error) {
    if (error instanceof JsonPathError) return undefined;
    throw error;
  }
}

function customCell({ column: { type }, path }: CustomColumn, object: KubeObject): Cell {
  const value = path.first(object);
  if (value === undefined) return null;
  return type === 'string' ? printed(value) : typedCell(type, value);
}

/** The first value as text, as JSON when it is composed. */
function printed(value: JsonValue): string {
  if (typeof value === 'string') return value;
  if (value === null) return '<no value>';
  if (isNumber(value)) return goNumber(value);
  return isObject(value) ? stringify(sorted(value)) : stringify(value);
}

function sorted(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A value that is not of the column's type gives an empty cell. */
function typedCell(type: string, value: JsonValue): Cell {
  switch (type) {
    case 'integer':
      return isNumber(value) ? truncated(value) : null;
    case 'number':
      return isNumber(value) ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' ? ageOf(value === 'null' ? '' : value) : null;
    default:
      return null;
  }
}

function truncated(value: number | bigint): number | bigint {
  return typeof value === 'bigint' ? value : Math.trunc(value);
}

function text(object: JsonObject, name: string): string {
  const value = getOwn(object, name);
  return typeof value === 'string' ? value : '';
}
