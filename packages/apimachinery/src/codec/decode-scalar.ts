import { jsonTypeName } from '../json/type-name.js';
import { isObject, type JsonValue } from '../json/value.js';
import { canonicalQuantityText } from '../quantity/quantity.js';
import type { ScalarTypeRef } from '../types/type-ref.js';
import { canonicalBase64 } from './base64-text.js';
import type { DecodeContext } from './decode-context.js';
import { canonicalTimeText } from './go-time.js';

const MAX_INT32 = 2 ** 31 - 1;
const MAX_INT64 = 2n ** 63n - 1n;
const INT32: ScalarTypeRef = { kind: 'int32', goType: 'int32' };

/**
 * The canonical form of a value (never null) with an encoding of its own; the value itself when it is canonical.
 * Throws DecodeError, TimeError, QuantityError or Base64Error, all with Go's words.
 */
export function decodeScalar(type: ScalarTypeRef, value: JsonValue, context: DecodeContext): JsonValue {
  switch (type.kind) {
    case 'string':
      if (typeof value !== 'string') throw context.mismatch(jsonTypeName(value), type.goType);
      return value;
    case 'bool':
      if (typeof value !== 'boolean') throw context.mismatch(jsonTypeName(value), type.goType);
      return value;
    case 'int32':
    case 'int64':
      return decodeInteger(type, value, context);
    case 'double':
      if (typeof value !== 'number' && typeof value !== 'bigint') {
        throw context.mismatch(jsonTypeName(value), type.goType);
      }
      return value;
    case 'bytes':
      if (typeof value !== 'string') throw context.mismatch(jsonTypeName(value), type.goType);
      return canonicalBase64(value);
    case 'time':
    case 'microTime':
      if (typeof value !== 'string') throw context.mismatch(jsonTypeName(value), 'string');
      return canonicalTimeText(value, type.kind === 'microTime');
    case 'quantity':
      return decodeQuantity(value);
    case 'intOrString':
      return typeof value === 'string' ? value : decodeInteger(INT32, value, context);
    default:
      return value;
  }
}

function decodeInteger(type: ScalarTypeRef, value: JsonValue, context: DecodeContext): JsonValue {
  if (isInteger(value, type.kind)) return value;
  const found = typeof value === 'number' || typeof value === 'bigint' ? `number ${value}` : jsonTypeName(value);
  throw context.mismatch(found, type.goType);
}

function isInteger(value: JsonValue, kind: string): boolean {
  if (typeof value === 'number') {
    return kind === 'int32'
      ? Number.isInteger(value) && value <= MAX_INT32 && value >= -MAX_INT32 - 1
      : Number.isSafeInteger(value);
  }
  return typeof value === 'bigint' && kind === 'int64' && value <= MAX_INT64 && value >= -MAX_INT64 - 1n;
}

function decodeQuantity(value: JsonValue): string {
  if (typeof value === 'string') return canonicalQuantityText(value.trim());
  return canonicalQuantityText(isObject(value) || Array.isArray(value) ? '{' : String(value));
}
