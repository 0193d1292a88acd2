import type { CelLibrary, FunctionDecl, Implementation, Overload } from '../check/declarations.js';
import { declare, declareAll } from '../check/declarations.js';
import { sizeOf } from '../cost/size.js';
import { STANDARD_MACROS } from '../syntax/standard-macros.js';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listType,
  mapType,
  NULL,
  STRING,
  TIMESTAMP,
  TYPE,
  typeParam,
  UINT,
} from '../types/cel-type.js';
import { DATE_PARTS, type DatePart, datePart } from '../values/calendar.js';
import { CelError, NO_SUCH_OVERLOAD } from '../values/cel-error.js';
import { toBool, toBytes, toDouble, toDuration, toInt, toText, toTimestamp, toUint } from '../values/convert.js';
import { normalInt } from '../values/number.js';
import { cachedRegex, compileRegex, TEXT_TOO_LONG } from '../values/patterns.js';
import { CelDuration, CelTimestamp } from '../values/time.js';
import { typeOf } from '../values/type-of.js';
import { CelList, CelMap, CelTypeValue, type CelValue } from '../values/value.js';
import { OPERATORS } from './standard-operators.js';

const size: Implementation = (value) => {
  const sized = typeof value === 'string' || value instanceof Uint8Array || value instanceof CelList;
  return sized || value instanceof CelMap ? sizeOf(value) : new CelError('no such overload: size');
};

/** A function of two strings. */
function onTexts(run: (text: string, part: string) => CelValue): Implementation {
  return (a, b) => (typeof a === 'string' && typeof b === 'string' ? run(a, b) : NO_SUCH_OVERLOAD);
}

const matches: Implementation = onTexts((text, pattern) => {
  const regex = cachedRegex(pattern);
  return regex instanceof CelError ? regex : (regex.test(text) ?? TEXT_TOO_LONG);
});

function prepareMatches(constants: readonly (CelValue | undefined)[]): Implementation | undefined {
  const pattern = constants[1];
  if (typeof pattern !== 'string') return undefined;
  const regex = compileRegex(pattern);
  if (regex instanceof CelError) return () => regex;
  return (text) => (typeof text === 'string' ? (regex.test(text) ?? TEXT_TOO_LONG) : NO_SUCH_OVERLOAD);
}

function matchesFunction(): FunctionDecl {
  const decl = declareAll(
    'matches',
    matches,
    ['matches', 'string, string -> bool'],
    ['matches_string', '.string, string -> bool'],
  );
  const overloads = decl.overloads.map((overload): Overload => ({ ...overload, prepare: prepareMatches }));
  return { name: decl.name, overloads };
}

/** Parts of a span of time, in whole units of `nanos`. */
function spanPart(nanos: bigint, below?: bigint): Implementation {
  return (value) => {
    if (!(value instanceof CelDuration)) return NO_SUCH_OVERLOAD;
    return normalInt((below === undefined ? value.nanos : value.nanos % below) / nanos);
  };
}

const SPANS: Readonly<Record<string, Implementation>> = {
  getHours: spanPart(3_600_000_000_000n),
  getMinutes: spanPart(60_000_000_000n),
  getSeconds: spanPart(1_000_000_000n),
  getMilliseconds: spanPart(1_000_000n),
};
const TIME_IDS: Readonly<Record<string, string>> = {
  getFullYear: 'timestamp_to_year',
  getMonth: 'timestamp_to_month',
  getDayOfYear: 'timestamp_to_day_of_year',
  getDayOfMonth: 'timestamp_to_day_of_month',
  getDate: 'timestamp_to_day_of_month_1_based',
  getDayOfWeek: 'timestamp_to_day_of_week',
  getHours: 'timestamp_to_hours',
  getMinutes: 'timestamp_to_minutes',
  getSeconds: 'timestamp_to_seconds',
  getMilliseconds: 'timestamp_to_milliseconds',
};

function timeFunction(name: string, part: DatePart): FunctionDecl {
  const id = TIME_IDS[name] ?? name;
  const run: Implementation = (time, zone) =>
    time instanceof CelTimestamp ? datePart(time, zone, part) : NO_SUCH_OVERLOAD;
  const zoned = name === 'getSeconds' ? `${id}_tz` : `${id}_with_tz`;
  const span = SPANS[name];
  const spans: [string, string, Implementation][] =
    span === undefined ? [] : [[id.replace('timestamp', 'duration'), '.duration -> int', span]];
  return declare(
    name,
    [id, '.timestamp -> int', (time, _zone, c, d) => run(time, 'UTC', c, d)],
    [zoned, '.timestamp, string -> int', run],
    ...spans,
  );
}

const TYPES: Readonly<Record<string, string>> = { int: 'int64', uint: 'uint64' };

/** A conversion function with one overload for each type it takes. */
function conversion(to: string, run: Implementation, from: readonly string[]): FunctionDecl {
  const id = (type: string): string => TYPES[type] ?? type;
  return declare(
    to,
    ...from.map((type): [string, string, Implementation] => [`${id(type)}_to_${id(to)}`, `${type} -> ${to}`, run]),
  );
}

const identity: Implementation = (value) => value;
const A = typeParam('A');
const B = typeParam('B');

/** Functions, macros and types of the language itself. */
export const STANDARD_LIBRARY: CelLibrary = {
  macros: STANDARD_MACROS,
  types: [
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    listType(A),
    mapType(A, B),
    NULL,
    STRING,
    TIMESTAMP,
    TYPE,
    UINT,
  ].filter((type) => type !== DYN),
  functions: [
    ...OPERATORS,
    declareAll(
      'size',
      size,
      ['size_bytes', 'bytes -> int'],
      ['bytes_size', '.bytes -> int'],
      ['size_list', 'list(A) -> int'],
      ['list_size', '.list(A) -> int'],
      ['size_map', 'map(A, B) -> int'],
      ['map_size', '.map(A, B) -> int'],
      ['size_string', 'string -> int'],
      ['string_size', '.string -> int'],
    ),
    declareAll('type', (value) => new CelTypeValue(typeOf(value)), ['type', 'A -> type(A)']),
    declareAll('dyn', identity, ['to_dyn', 'A -> dyn']),
    conversion('bool', toBool, ['bool', 'string']),
    conversion('bytes', toBytes, ['bytes', 'string']),
    conversion('double', toDouble, ['double', 'int', 'string', 'uint']),
    conversion('duration', toDuration, ['duration', 'int', 'string']),
    conversion('int', toInt, ['int', 'double', 'duration', 'string', 'timestamp', 'uint']),
    conversion('string', toText, ['string', 'bool', 'bytes', 'double', 'duration', 'int', 'timestamp', 'uint']),
    conversion('timestamp', toTimestamp, ['timestamp', 'int', 'string']),
    conversion('uint', toUint, ['uint', 'double', 'int', 'string']),
    declareAll(
      'contains',
      onTexts((text, part) => text.includes(part)),
      ['contains_string', '.string, string -> bool'],
    ),
    declareAll(
      'endsWith',
      onTexts((text, part) => text.endsWith(part)),
      ['ends_with_string', '.string, string -> bool'],
    ),
    declareAll(
      'startsWith',
      onTexts((text, part) => text.startsWith(part)),
      ['starts_with_string', '.string, string -> bool'],
    ),
    matchesFunction(),
    ...Object.entries(DATE_PARTS).map(([name, part]) => timeFunction(name, part)),
  ],
};
