import { type JsonObject, type JsonValue, setOwn } from '../../json/value.js';
import { CelDouble, CelUint } from '../values/number.js';
import { CelDuration, CelTimestamp, formatDuration, formatTimestamp } from '../values/time.js';
import { CelList, CelMap, CelOptional, type CelValue } from '../values/value.js';
import { DataList } from './data-list.js';
import { DataObject } from './data-object.js';

/** Plain JSON of a value; undefined for what has none: types, addresses, errors, maps with keys that are no strings. */
export function toJson(value: CelValue): JsonValue | undefined {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof DataObject) return value.data;
  if (value instanceof DataList) return [...value.data];
  if (value instanceof CelList) return listToJson(value);
  if (value instanceof CelMap) return mapToJson(value);
  if (value instanceof CelDouble || value instanceof CelUint) return value.value;
  if (value instanceof CelTimestamp) return formatTimestamp(value);
  if (value instanceof CelDuration) return formatDuration(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return value instanceof CelOptional && value.value !== undefined ? toJson(value.value) : undefined;
}

function listToJson(list: CelList): JsonValue | undefined {
  const items: JsonValue[] = [];
  for (const item of list.toArray()) {
    const json = toJson(item);
    if (json === undefined) return undefined;
    items.push(json);
  }
  return items;
}

function mapToJson(map: CelMap): JsonValue | undefined {
  const object: JsonObject = {};
  for (const key of map.keys()) {
    const json = typeof key === 'string' ? toJson(map.get(key) ?? null) : undefined;
    if (typeof key !== 'string' || json === undefined) return undefined;
    setOwn(object, key, json);
  }
  return object;
}
