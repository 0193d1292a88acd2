import { parseGoTime, TimeError } from '../codec/go-time.js';
import { jsonTypeName } from '../json/type-name.js';
import { isNumber, isObject, type JsonObject, type JsonValue } from '../json/value.js';

/** Types of the members of ObjectMeta and of what lies in its lists. */
type MetaType =
  | 'string'
  | 'integer'
  | 'boolean'
  | 'time'
  | 'strings'
  | 'stringMap'
  | 'any'
  | readonly ['list', MetaFields];
export type MetaFields = ReadonlyMap<string, MetaType>;

const OWNER_REFERENCE: MetaFields = new Map<string, MetaType>([
  ['apiVersion', 'string'],
  ['kind', 'string'],
  ['name', 'string'],
  ['uid', 'string'],
  ['controller', 'boolean'],
  ['blockOwnerDeletion', 'boolean'],
]);

const MANAGED_FIELDS: MetaFields = new Map<string, MetaType>([
  ['manager', 'string'],
  ['operation', 'string'],
  ['apiVersion', 'string'],
  ['time', 'time'],
  ['fieldsType', 'string'],
  ['fieldsV1', 'any'],
  ['subresource', 'string'],
]);

export const OBJECT_META: MetaFields = new Map<string, MetaType>([
  ['name', 'string'],
  ['generateName', 'string'],
  ['namespace', 'string'],
  ['selfLink', 'string'],
  ['uid', 'string'],
  ['resourceVersion', 'string'],
  ['generation', 'integer'],
  ['creationTimestamp', 'time'],
  ['deletionTimestamp', 'time'],
  ['deletionGracePeriodSeconds', 'integer'],
  ['labels', 'stringMap'],
  ['annotations', 'stringMap'],
  ['ownerReferences', ['list', OWNER_REFERENCE]],
  ['finalizers', 'strings'],
  ['managedFields', ['list', MANAGED_FIELDS]],
]);

export interface Coerced {
  readonly value: JsonObject;
  /** Paths of unknown members below `path`. */
  readonly dropped: readonly string[];
  /** What a decoder says about the first member of a wrong type. */
  readonly fault: string | undefined;
}

/** Brings metadata to the known members of ObjectMeta; what is null, empty or of a wrong type is left out. */
export function coerceFields(fields: MetaFields, source: JsonObject, path: string): Coerced {
  const value: JsonObject = {};
  const dropped: string[] = [];
  let fault: string | undefined;
  for (const key of Object.keys(source)) {
    const member = source[key];
    const type = fields.get(key);
    if (member === undefined) continue;
    if (type === undefined) dropped.push(`${path}.${key}`);
    else if (member !== null) {
      const coerced = coerceMember(type, member, `${path}.${key}`);
      dropped.push(...coerced.dropped);
      fault ??= coerced.fault;
      if (coerced.value !== undefined && !isUnset(fields, key, coerced.value)) value[key] = coerced.value;
    }
  }
  return { value, dropped, fault };
}

/** Go leaves such members of ObjectMeta out; the one number that it points to may be zero. */
function isUnset(fields: MetaFields, key: string, value: JsonValue): boolean {
  if (fields !== OBJECT_META || key === 'deletionGracePeriodSeconds') return false;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) ? Object.keys(value).length === 0 : value === '' || value === 0;
}

interface CoercedMember {
  readonly value: JsonValue | undefined;
  readonly dropped: readonly string[];
  readonly fault: string | undefined;
}

function coerceMember(type: MetaType, member: JsonValue, path: string): CoercedMember {
  if (typeof type !== 'string') return coerceList(type[1], member, path);
  const wrong = wrongIn(type, member);
  if (wrong === null && type !== 'string') return { value: withoutNulls(member), dropped: [], fault: undefined };
  if (wrong === undefined) return { value: member, dropped: [], fault: timeFault(type, member) };
  const goType = GO_TYPES[type];
  const name = path.slice(path.lastIndexOf('.') + 1);
  const fault = `json: cannot unmarshal ${jsonTypeName(wrong)} into Go struct field ObjectMeta.${name} of type ${goType}`;
  return { value: undefined, dropped: [], fault };
}

/** What is no time is told as the parser of times tells it. */
function timeFault(type: MetaType, member: JsonValue): string | undefined {
  if (type !== 'time' || typeof member !== 'string') return undefined;
  try {
    parseGoTime(member, false);
    return undefined;
  } catch (error) {
    if (error instanceof TimeError) return error.message;
    throw error;
  }
}

const GO_TYPES: Readonly<Record<Extract<MetaType, string>, string>> = {
  string: 'string',
  integer: 'int64',
  boolean: 'bool',
  time: 'v1.Time',
  strings: '[]string',
  stringMap: 'map[string]string',
  any: 'v1.FieldsV1',
};

function coerceList(fields: MetaFields, member: JsonValue, path: string): CoercedMember {
  if (!Array.isArray(member))
    return {
      value: undefined,
      dropped: [],
      fault: `json: cannot unmarshal ${jsonTypeName(member)} into Go struct field ObjectMeta.${path.slice(path.lastIndexOf('.') + 1)} of type []`,
    };
  const items = member.map((item, index) => coerceFields(fields, isObject(item) ? item : {}, `${path}[${index}]`));
  return {
    value: items.map((item) => item.value),
    dropped: items.flatMap((item) => item.dropped),
    fault: items.find((item) => item.fault !== undefined)?.fault,
  };
}

/** The value of a wrong type, if there is one. */
function wrongIn(type: Extract<MetaType, string>, value: JsonValue): JsonValue | undefined {
  switch (type) {
    case 'string':
    case 'time':
      return typeof value === 'string' ? undefined : value;
    case 'integer':
      return isNumber(value) && (typeof value === 'bigint' || Number.isInteger(value)) ? undefined : value;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : value;
    case 'strings':
      return Array.isArray(value) ? wrongText(value) : value;
    case 'stringMap':
      return isObject(value) ? wrongText(Object.values(value)) : value;
    case 'any':
      return undefined;
  }
}

/** The first that is no text; null only where there is nothing worse, as Go reads that as an empty text. */
function wrongText(values: readonly (JsonValue | undefined)[]): JsonValue | undefined {
  const wrong = values.filter((item) => typeof item !== 'string');
  return wrong.find((item) => item !== null) ?? wrong[0];
}

function withoutNulls(texts: JsonValue): JsonValue {
  if (Array.isArray(texts)) return texts.map((text) => text ?? '');
  return Object.fromEntries(Object.entries(texts ?? {}).map(([key, text]) => [key, text ?? '']));
}
