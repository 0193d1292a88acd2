import type { JsonObject, JsonValue } from '../json/value.js';
import type { FieldDescriptor, StructType, TypeRef } from './type-ref.js';

/** What Go writes for a field that was never set; only meaningful for fields that are always written. */
export function zeroField(field: FieldDescriptor): JsonValue {
  return field.pointer ? null : zeroValue(field.type);
}

/** What Go writes for a value that was never set: `""`, 0, false, null, or a struct of such. A fresh object each time. */
export function zeroValue(type: TypeRef): JsonValue {
  switch (type.kind) {
    case 'string':
      return '';
    case 'bool':
    case 'jsonSchemaOrBool':
      return false;
    case 'int32':
    case 'int64':
    case 'double':
    case 'intOrString':
      return 0;
    case 'quantity':
      return '0';
    case 'struct':
      return zeroStruct(type.struct);
    default:
      return null;
  }
}

export function zeroStruct(type: StructType): JsonObject {
  const object: JsonObject = {};
  for (const field of type.always) object[field.name] = zeroField(field);
  return object;
}

/** True when Go leaves the value out of a member tagged `omitempty`. `value` is canonical already. */
export function isEmpty(value: JsonValue, type: TypeRef): boolean {
  switch (type.kind) {
    case 'string':
    case 'bytes':
      return value === '';
    case 'bool':
      return value === false;
    case 'int32':
    case 'int64':
    case 'double':
      return value === 0;
    case 'list':
      return Array.isArray(value) && value.length === 0;
    case 'map':
      return typeof value === 'object' && value !== null && hasNoMember(value);
    default:
      return false;
  }
}

function hasNoMember(value: object): boolean {
  for (const _key in value) return false;
  return true;
}
