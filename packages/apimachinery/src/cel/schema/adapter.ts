import { isNumber, isObject, type JsonObject, type JsonValue } from '../../json/value.js';
import type { SchemaNode } from '../../schema/node.js';
import { isDate, isDateTime } from '../../schema/time-formats.js';
import { RESERVED } from '../syntax/operators.js';
import { CelError } from '../values/cel-error.js';
import { CelDouble } from '../values/number.js';
import { parseDuration, parseTimestamp } from '../values/time.js';
import type { CelValue } from '../values/value.js';
import { DataList, KeyedList, SetList } from './data-list.js';
import { type Adapter, DataObject, type ObjectShape, PreservedData } from './data-object.js';
import { escapeName } from './escape.js';
import { withTypeMeta } from './type-meta.js';

const adapters = new WeakMap<SchemaNode, Adapter>();
const rootAdapters = new WeakMap<SchemaNode, Adapter>();

/**
 * Makes values of plain JSON as a schema says; parts are made when an expression asks for them. Data that do not fit
 * become errors, which only expressions that use them see. Made once per schema node.
 */
export function adapterOf(schema: SchemaNode, root: boolean): Adapter {
  const cache = root ? rootAdapters : adapters;
  const known = cache.get(schema);
  if (known !== undefined) return known;
  const adapter = nullsFirst(schema, makeAdapter(root ? withTypeMeta(schema) : schema));
  cache.set(schema, adapter);
  return adapter;
}

function nullsFirst(schema: SchemaNode, adapt: Adapter): Adapter {
  const missing = schema.nullable ? null : new CelError('invalid data, got null for schema with nullable=false');
  return (data) => (data === null ? missing : adapt(data));
}

function makeAdapter(schema: SchemaNode): Adapter {
  if (schema.intOrString) return adaptIntOrString;
  switch (schema.types[0]) {
    case 'object':
      return objectAdapter(schema);
    case 'array':
      return listAdapter(schema);
    case 'string':
      return stringAdapter(schema.format);
    case 'number':
      return (data) => (isNumber(data) ? new CelDouble(Number(data)) : unexpected('float', data));
    case 'integer':
      return (data) => (isInteger(data) ? data : unexpected('int', data));
    case 'boolean':
      return (data) => (typeof data === 'boolean' ? data : unexpected('bool', data));
    default:
      return untyped(schema);
  }
}

function untyped(schema: SchemaNode): Adapter {
  if (schema.preserveUnknownFields) return (data) => new PreservedData(data);
  const failure = new CelError(
    'invalid type, expected object, array, number, integer, boolean or string, or no type with ' +
      'x-kubernetes-int-or-string or x-kubernetes-preserve-unknown-fields is true, got ',
  );
  return () => failure;
}

function isInteger(data: JsonValue): data is number | bigint {
  return typeof data === 'bigint' || (typeof data === 'number' && Number.isInteger(data));
}

function adaptIntOrString(data: JsonValue): CelValue {
  if (typeof data === 'string' || isInteger(data)) return data;
  return new CelError('invalid data, expected XIntOrString value to be either a string or integer');
}

/** Go's name of the type that decoded JSON has. */
function goType(data: JsonValue): string {
  if (typeof data === 'string') return 'string';
  if (typeof data === 'boolean') return 'bool';
  if (isNumber(data)) return isInteger(data) ? 'int64' : 'float64';
  return Array.isArray(data) ? '[]interface {}' : 'map[string]interface {}';
}

function unexpected(wanted: string, data: JsonValue): CelError {
  return new CelError(`invalid data, expected ${wanted}, got ${goType(data)}`);
}

function stringAdapter(format: string): Adapter {
  const convert = STRING_FORMATS[format];
  return (data) => {
    if (typeof data !== 'string') return unexpected('string', data);
    return convert === undefined ? data : convert(data);
  };
}

const STRING_FORMATS: Readonly<Record<string, (text: string) => CelValue>> = {
  duration: (text) => parseDuration(text) ?? new CelError(`Invalid duration ${text}`),
  date: (text) => {
    const time = isDate(text) ? parseTimestamp(`${text}T00:00:00Z`) : undefined;
    return time ?? new CelError(`Invalid date formatted string ${text}`);
  },
  'date-time': (text) => {
    const time = isDateTime(text) ? parseTimestamp(text.toUpperCase()) : undefined;
    return time ?? new CelError(`Invalid date-time formatted string ${text}`);
  },
  byte: (text) => new Uint8Array(Buffer.from(text, 'base64')),
};

function listAdapter(schema: SchemaNode): Adapter {
  const { items } = schema;
  if (items === undefined) {
    const failure = new CelError('invalid array type, expected Items with a non-empty Schema');
    return () => failure;
  }
  const adapt = lazily(() => adapterOf(items, items.embeddedResource));
  const failure = new CelError('invalid data, expected an array for the provided schema with type=array');
  const { listType, listMapKeys } = schema;
  return (data) => {
    if (!Array.isArray(data)) return failure;
    if (listType === 'map') return new KeyedList(data, adapt, listMapKeys);
    return listType === 'set' ? new SetList(data, adapt) : new DataList(data, adapt);
  };
}

function objectAdapter(schema: SchemaNode): Adapter {
  const failure = new CelError('invalid data, expected a map for the provided schema with type=object');
  const shape = shapeOf(schema);
  return (data) => (isObject(data) ? new DataObject(data, shape) : failure);
}

function shapeOf(schema: SchemaNode): ObjectShape {
  const values = schema.additionalProperties?.schema;
  if (schema.properties.size === 0 && values !== undefined) {
    return {
      declared: true,
      fields: undefined,
      names: undefined,
      values: lazily(() => adapterOf(values, values.embeddedResource)),
    };
  }
  const fields = new Map<string, { name: string; adapt: Adapter }>();
  const names = new Map<string, string>();
  for (const [name, property] of schema.properties) {
    const identifier = escapeName(name) ?? name;
    const adapt = lazily(() => adapterOf(property, property.embeddedResource));
    fields.set(identifier, { name, adapt });
    names.set(name, identifier);
    if (RESERVED.has(name)) fields.set(name, { name, adapt });
  }
  return { declared: true, fields, names, values: undefined };
}

/** Defers making an adapter to its first use, as most parts of a schema are in no rule. */
function lazily(make: () => Adapter): Adapter {
  let adapt: Adapter | undefined;
  return (data) => {
    adapt ??= make();
    return adapt(data);
  };
}

/** Makes a value of JSON without a schema: integers are ints, other numbers doubles. */
export function adaptAny(data: JsonValue): CelValue {
  if (typeof data === 'number') return Number.isInteger(data) ? data : new CelDouble(data);
  if (Array.isArray(data)) return new DataList(data, adaptAny);
  return isObject(data) ? new DataObject(data, ANY_SHAPE) : data;
}

const ANY_SHAPE: ObjectShape = { declared: false, fields: undefined, names: undefined, values: adaptAny };

/** An object of any members, as a map from strings. */
export function adaptAnyObject(data: JsonObject): DataObject {
  return new DataObject(data, ANY_SHAPE);
}
