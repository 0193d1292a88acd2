import { CelError, INT_OVERFLOW, UINT_OVERFLOW } from './cel-error.js';
import { CelDouble, CelUint, checkedInt, checkedUint, normalInt } from './number.js';
import { showDouble } from './show.js';
import {
  CelDuration,
  CelTimestamp,
  formatDuration,
  formatTimestamp,
  parseDuration,
  parseTimestamp,
  timestampAt,
} from './time.js';
import { typeOf } from './type-of.js';
import { CelTypeValue, type CelValue } from './value.js';

const TWO_TO_63 = 2 ** 63;
const TWO_TO_64 = 2 ** 64;
const FLOAT =
  /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?\d+)$/;
const INFINITY = /^([+-]?)inf(?:inity)?$/i;
/** Digits beyond leading zeros are no more than 64 bits need, so that reading them takes no time. */
const INTEGER = /^[+-]?0*\d{1,20}$/;
const NATURAL = /^0*\d{1,20}$/;
const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

function failed(value: CelValue, to: string): CelError {
  return new CelError(`type conversion error from '${typeOf(value).name}' to '${to}'`);
}

export function toInt(value: CelValue): CelValue {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (value instanceof CelUint) return checkedInt(BigInt(value.value)) ?? INT_OVERFLOW;
  if (value instanceof CelDouble) {
    const inRange = value.value > -TWO_TO_63 && value.value < TWO_TO_63;
    return inRange ? normalInt(BigInt(Math.trunc(value.value))) : INT_OVERFLOW;
  }
  if (value instanceof CelDuration) return normalInt(value.nanos);
  if (value instanceof CelTimestamp) return value.seconds;
  const parsed = typeof value === 'string' && INTEGER.test(value) ? checkedInt(integer(value)) : undefined;
  return parsed ?? failed(value, 'int');
}

export function toUint(value: CelValue): CelValue {
  if (value instanceof CelUint) return value;
  if (typeof value === 'number' || typeof value === 'bigint') return checkedUint(BigInt(value)) ?? UINT_OVERFLOW;
  if (value instanceof CelDouble) {
    const inRange = value.value >= 0 && value.value < TWO_TO_64;
    return inRange ? (checkedUint(BigInt(Math.trunc(value.value))) ?? UINT_OVERFLOW) : UINT_OVERFLOW;
  }
  const parsed = typeof value === 'string' && NATURAL.test(value) ? checkedUint(BigInt(value)) : undefined;
  return parsed ?? failed(value, 'uint');
}

function integer(text: string): bigint {
  const size = BigInt(text.replace(/^[+-]/, ''));
  return text.startsWith('-') ? -size : size;
}

export function toDouble(value: CelValue): CelValue {
  if (value instanceof CelDouble) return value;
  if (typeof value === 'number' || typeof value === 'bigint') return new CelDouble(Number(value));
  if (value instanceof CelUint) return new CelDouble(Number(value.value));
  const parsed = typeof value === 'string' ? parseFloatAsGo(value) : undefined;
  return parsed === undefined ? failed(value, 'double') : new CelDouble(parsed);
}

function parseFloatAsGo(text: string): number | undefined {
  const [, sign] = INFINITY.exec(text) ?? [];
  if (sign !== undefined) return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^nan$/i.test(text)) return Number.NaN;
  if (!FLOAT.test(text)) return undefined;
  const value = /^[+-]?0[xX]/.test(text) ? hexFloat(text) : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

function hexFloat(text: string): number {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^([+-]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?\d+)$/.exec(text) ?? [];
  const size = Number(BigInt(`0x${whole}${fraction}`)) * 2 ** (Number(exponent) - 4 * fraction.length);
  return sign === '-' ? -size : size;
}

export function toText(value: CelValue): CelValue {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (value instanceof CelUint) return String(value.value);
  if (value instanceof CelDouble) return showDouble(value.value);
  if (value instanceof CelTimestamp) return formatTimestamp(value);
  if (value instanceof CelDuration) return formatDuration(value);
  if (value instanceof CelTypeValue) return value.type.name;
  return value instanceof Uint8Array ? decodeUtf8(value) : failed(value, 'string');
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array): CelValue {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return new CelError('invalid UTF-8 in bytes, cannot convert to string');
    throw error;
  }
}

export function toBytes(value: CelValue): CelValue {
  if (value instanceof Uint8Array) return value;
  return typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'utf8')) : failed(value, 'bytes');
}

export function toBool(value: CelValue): CelValue {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string' && TRUE.has(value)) return true;
  return typeof value === 'string' && FALSE.has(value) ? false : failed(value, 'bool');
}

/** An int is a number of nanoseconds. */
export function toDuration(value: CelValue): CelValue {
  if (value instanceof CelDuration) return value;
  if (typeof value === 'number' || typeof value === 'bigint') return new CelDuration(BigInt(value));
  const parsed = typeof value === 'string' ? parseDuration(value) : undefined;
  return parsed ?? failed(value, 'google.protobuf.Duration');
}

/** An int is a number of seconds since 1970. */
export function toTimestamp(value: CelValue): CelValue {
  if (value instanceof CelTimestamp) return value;
  if (typeof value === 'number' || typeof value === 'bigint') return timestampAt(Number(value), 0);
  const parsed = typeof value === 'string' ? parseTimestamp(value) : undefined;
  return parsed ?? failed(value, 'google.protobuf.Timestamp');
}
