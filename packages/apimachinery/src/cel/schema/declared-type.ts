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
import { escapeName, unescapeName } from './escape.js';
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

/** A type that a schema declares, with the bounds that cost estimates need. What lies inside is found when asked for. */
export interface DeclaredType {
  readonly type: CelType;
  /** Most characters, items or entries; 0 for types without a size. */
  readonly maxElements: number;
  /** Fewest bytes of a value in JSON. */
  readonly minSize: number;
  /** Of an object, by the names that expressions use. */
  readonly fields: DeclaredFields | undefined;
  readonly key: DeclaredType | undefined;
  readonly element: DeclaredType | undefined;
}

/**
 * The type of a schema's values; undefined when expressions cannot reach them. `name` is the type's name in messages,
 * `root` says that the schema is of a whole resource, whose kind, apiVersion and name are always there. Costs little,
 * however large the schema is.
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

function declaredList({ items, limits }: SchemaNode, name: string): DeclaredType | undefined {
  const element = items === undefined ? undefined : declaredType(items, `${name}.@idx`, items.embeddedResource);
  if (element === undefined) return undefined;
  return {
    type: listType(element.type),
    get maxElements() {
      return atLeastZero(limits?.maxItems) ?? Math.floor((REQUEST_BYTES_MAX - 2) / (element.minSize + 1));
    },
    minSize: 2,
    fields: undefined,
    key: undefined,
    element,
  };
}

const KEY = scalar(STRING, STRING_LENGTH_MIN, 0);

function declaredObject(node: SchemaNode, name: string): DeclaredType | undefined {
  const { additionalProperties, limits } = node;
  const values = additionalProperties?.schema;
  if (values === undefined) return new DeclaredObject(node, name);
  const element = declaredType(values, `${name}.@elem`, values.embeddedResource);
  if (element === undefined) return undefined;
  return {
    type: mapType(STRING, element.type),
    get maxElements() {
      return atLeastZero(limits?.maxProperties) ?? Math.floor((REQUEST_BYTES_MAX - 2) / (element.minSize + 6));
    },
    minSize: 2,
    fields: undefined,
    key: KEY,
    element,
  };
}

/** The fewest bytes of objects, by their schemas: the same whatever the type is called. */
const smallest = new WeakMap<SchemaNode, number>();

class DeclaredObject implements DeclaredType {
  readonly type: CelType;
  readonly maxElements = 0;
  readonly fields: DeclaredFields;
  readonly key = undefined;
  readonly element = undefined;
  readonly #node: SchemaNode;

  constructor(node: SchemaNode, name: string) {
    const fields = new DeclaredFields(node, name);
    this.#node = node;
    this.fields = fields;
    this.type = structType(name, { get: (field) => fields.typeOf(field) });
  }

  get minSize(): number {
    const known = smallest.get(this.#node) ?? this.#minSize();
    smallest.set(this.#node, known);
    return known;
  }

  #minSize(): number {
    let size = 2;
    for (const name of new Set(this.#node.required)) {
      const schema = this.#node.properties.get(name);
      if (schema === undefined || schema.default !== undefined) continue;
      const field = declaredType(schema, name, schema.embeddedResource);
      if (field !== undefined) size += Buffer.byteLength(name) + field.minSize + 4;
    }
    return size;
  }
}

/** The members of an object, declared when they are asked for: expressions name few of them. */
export class DeclaredFields {
  readonly #node: SchemaNode;
  readonly #name: string;
  readonly #found = new Map<string, DeclaredType | undefined>();

  constructor(node: SchemaNode, name: string) {
    this.#node = node;
    this.#name = name;
  }

  /** `identifier` is the escaped name. */
  get(identifier: string): DeclaredType | undefined {
    if (this.#found.has(identifier)) return this.#found.get(identifier);
    const property = unescapeName(identifier);
    const schema =
      property !== undefined && escapeName(property) === identifier ? this.#node.properties.get(property) : undefined;
    if (schema === undefined) return undefined;
    const declared = declaredType(schema, `${this.#name}.${identifier}`, schema.embeddedResource);
    this.#found.set(identifier, declared);
    return declared;
  }

  /** Reserved words may also be written as they are, since Kubernetes 1.36. */
  typeOf(field: string): CelType | undefined {
    const isWord = RESERVED.has(field) && this.#node.properties.has(field);
    return this.get(isWord ? `__${field}__` : field)?.type;
  }
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
  if (node.enum.length === 0) return scalar(STRING, STRING_LENGTH_MIN, REQUEST_BYTES_MAX - 2);
  let longest = 0;
  for (const value of node.enum) longest = Math.max(longest, typeof value === 'string' ? Buffer.byteLength(value) : 0);
  return scalar(STRING, STRING_LENGTH_MIN, longest);
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
