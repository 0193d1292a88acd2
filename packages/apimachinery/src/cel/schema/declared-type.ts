import type { SchemaNode } from '../../schema/node.js';
import { RESERVED } from '../syntax/operators.js';
import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listType,
  mapType,
  STRING,
  structType,
  TIMESTAMP,
} from '../types/cel-type.js';
import { escapeName } from './escape.js';
import {
  BOOL_LENGTH_MIN,
  DATE_LENGTH,
  DATE_TIME_LENGTH_MIN,
  DURATION_LENGTH_MIN,
  NUMBER_LENGTH_MIN,
  REQUEST_BYTES_MAX,
  STRING_LENGTH_MIN,
  TIME_LENGTH_MAX,
} from './limits.js';
import { withTypeMeta } from './type-meta.js';

/** A type that a schema declares, with the bounds that cost estimates need. */
export interface DeclaredType {
  readonly type: CelType;
  /** Most characters, items or entries; 0 for types without a size. */
  readonly maxElements: number;
  /** Fewest bytes of a value in JSON. */
  readonly minSize: number;
  /** Of an object, by the names that expressions use. */
  readonly fields: ReadonlyMap<string, DeclaredType> | undefined;
  readonly key: DeclaredType | undefined;
  readonly element: DeclaredType | undefined;
}

/**
 * The type of a schema's values; undefined when expressions cannot reach them. `name` is the type's name in messages,
 * `root` says that the schema is of a whole resource, whose kind, apiVersion and name are always there.
 */
export function declaredType(schema: SchemaNode, name: string, root: boolean): DeclaredType | undefined {
  if (schema.intOrString) {
    const maxElements =
      schema.limits?.maxLength === undefined ? REQUEST_BYTES_MAX - 2 : fourBytes(schema.limits.maxLength);
    return scalar(DYN, 1, maxElements);
  }
  const node = root ? withTypeMeta(schema) : schema;
  switch (node.types[0]) {
    case 'array':
      return declaredList(node, name);
    case 'object':
      return declaredObject(node, name);
    case 'string':
      return declaredString(node);
    case 'boolean':
      return scalar(BOOL, BOOL_LENGTH_MIN, 0);
    case 'number':
      return scalar(DOUBLE, NUMBER_LENGTH_MIN, 0);
    case 'integer':
      return scalar(INT, NUMBER_LENGTH_MIN, 0);
    default:
      return undefined;
  }
}

function scalar(type: CelType, minSize: number, maxElements: number): DeclaredType {
  return { type, maxElements, minSize, fields: undefined, key: undefined, element: undefined };
}

function declaredList(node: SchemaNode, name: string): DeclaredType | undefined {
  const { items } = node;
  const element = items === undefined ? undefined : declaredType(items, `${name}.@idx`, items.embeddedResource);
  if (element === undefined) return undefined;
  const most = Math.floor((REQUEST_BYTES_MAX - 2) / (element.minSize + 1));
  const maxElements = atLeastZero(node.limits?.maxItems) ?? most;
  return { type: listType(element.type), maxElements, minSize: 2, fields: undefined, key: undefined, element };
}

const KEY = scalar(STRING, STRING_LENGTH_MIN, 0);

function declaredObject(node: SchemaNode, name: string): DeclaredType | undefined {
  const values = node.additionalProperties?.schema;
  if (values === undefined) return declaredFields(node, name);
  const element = declaredType(values, `${name}.@elem`, values.embeddedResource);
  if (element === undefined) return undefined;
  const most = Math.floor((REQUEST_BYTES_MAX - 2) / (element.minSize + 6));
  const maxElements = atLeastZero(node.limits?.maxProperties) ?? most;
  return { type: mapType(STRING, element.type), maxElements, minSize: 2, fields: undefined, key: KEY, element };
}

function declaredFields(node: SchemaNode, name: string): DeclaredType {
  const fields = new Map<string, DeclaredType>();
  let minSize = 2;
  for (const [property, schema] of node.properties) {
    const identifier = escapeName(property);
    const field = declaredType(schema, `${name}.${identifier ?? property}`, schema.embeddedResource);
    if (field === undefined) continue;
    if (identifier !== undefined) fields.set(identifier, field);
    if (node.required.includes(property) && schema.default === undefined) {
      minSize += Buffer.byteLength(property) + field.minSize + 4;
    }
  }
  const types = new Map(Array.from(fields, ([field, declared]) => [field, declared.type]));
  for (const [property] of node.properties) {
    // Reserved words may also be written as they are, since Kubernetes 1.36.
    const declared = RESERVED.has(property) ? fields.get(`__${property}__`) : undefined;
    if (declared !== undefined) types.set(property, declared.type);
  }
  const type = structType(name, types);
  return { type, maxElements: 0, minSize, fields, key: undefined, element: undefined };
}

function declaredString(node: SchemaNode): DeclaredType {
  const maxLength = node.limits?.maxLength;
  switch (node.format) {
    case 'byte':
      return scalar(BYTES, STRING_LENGTH_MIN, atLeastZero(maxLength) ?? REQUEST_BYTES_MAX - 2);
    case 'duration':
      return scalar(DURATION, DURATION_LENGTH_MIN, TIME_LENGTH_MAX);
    case 'date':
      return scalar(TIMESTAMP, DATE_LENGTH, DATE_LENGTH);
    case 'date-time':
      return scalar(TIMESTAMP, DATE_TIME_LENGTH_MIN, TIME_LENGTH_MAX);
    default:
  }
  if (maxLength !== undefined) return scalar(STRING, STRING_LENGTH_MIN, fourBytes(maxLength));
  const longest = node.enum.map((value) => (typeof value === 'string' ? Buffer.byteLength(value) : 0));
  return scalar(STRING, STRING_LENGTH_MIN, longest.length > 0 ? Math.max(...longest) : REQUEST_BYTES_MAX - 2);
}

function atLeastZero(limit: number | undefined): number | undefined {
  return limit === undefined ? undefined : Math.max(limit, 0);
}

/** A character may take four bytes. */
function fourBytes(maxLength: number): number {
  return Math.max(maxLength, 0) * 4;
}

/** The most values of a type that one request may hold: how often a rule on it can run where nothing else bounds it. */
export function maxCardinality(minSize: number): number {
  return Math.floor(REQUEST_BYTES_MAX / (minSize + 1));
}
