import {
  type Decl,
  type Type,
  Type_PrimitiveType,
  Type_WellKnownType,
} from '@bufbuild/cel-spec/cel/expr/checked_pb.js';
import type { Value } from '@bufbuild/cel-spec/cel/expr/value_pb.js';
import { anyIs, anyUnpack, DurationSchema, TimestampSchema } from '@bufbuild/protobuf/wkt';
import type { FunctionDecl, Overload } from './check/declarations.js';
import {
  ANY,
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listType,
  mapType,
  NULL,
  opaqueType,
  STRING,
  structType,
  TIMESTAMP,
  TYPE,
  typeOfType,
  typeParam,
  UINT,
  wrapperType,
} from './types/cel-type.js';
import { typeNamed } from './types/signature.js';
import { NO_SUCH_OVERLOAD } from './values/cel-error.js';
import { CelDouble, CelUint, normalInt } from './values/number.js';
import { CelDuration, CelTimestamp } from './values/time.js';
import { ArrayList, CelTypeValue, type CelValue } from './values/value.js';
import { MapBuilder } from './values/value-map.js';

/** A test needs protobuf messages, which Kubernetes' CEL does not have. */
export class NeedsProtobuf extends Error {}

const PRIMITIVES: Readonly<Record<number, CelType>> = {
  [Type_PrimitiveType.BOOL]: BOOL,
  [Type_PrimitiveType.INT64]: INT,
  [Type_PrimitiveType.UINT64]: UINT,
  [Type_PrimitiveType.DOUBLE]: DOUBLE,
  [Type_PrimitiveType.STRING]: STRING,
  [Type_PrimitiveType.BYTES]: BYTES,
};
const WELL_KNOWN: Readonly<Record<number, CelType>> = {
  [Type_WellKnownType.ANY]: ANY,
  [Type_WellKnownType.TIMESTAMP]: TIMESTAMP,
  [Type_WellKnownType.DURATION]: DURATION,
};
/** Messages that are plain types in CEL. */
const MESSAGES: Readonly<Record<string, CelType>> = {
  'google.protobuf.Timestamp': TIMESTAMP,
  'google.protobuf.Duration': DURATION,
  'google.protobuf.Any': ANY,
  'google.protobuf.Value': DYN,
  'google.protobuf.Struct': mapType(STRING, DYN),
  'google.protobuf.ListValue': listType(DYN),
  'google.protobuf.Int64Value': wrapperType(INT),
  'google.protobuf.StringValue': wrapperType(STRING),
  'google.protobuf.BoolValue': wrapperType(BOOL),
};

/** A type as the specification's tests write it. */
export function typeFromProto(type: Type | undefined): CelType {
  const kind = type?.typeKind;
  switch (kind?.case) {
    case 'primitive':
      return PRIMITIVES[kind.value] ?? DYN;
    case 'wrapper':
      return wrapperType(PRIMITIVES[kind.value] ?? DYN);
    case 'wellKnown':
      return WELL_KNOWN[kind.value] ?? DYN;
    case 'null':
      return NULL;
    case 'listType':
      return listType(typeFromProto(kind.value.elemType));
    case 'mapType':
      return mapType(typeFromProto(kind.value.keyType), typeFromProto(kind.value.valueType));
    case 'messageType':
      return MESSAGES[kind.value] ?? structType(kind.value);
    case 'abstractType':
      return opaqueType(kind.value.name, ...kind.value.parameterTypes.map(typeFromProto));
    case 'typeParam':
      return typeParam(kind.value);
    case 'type':
      return kind.value.typeKind.case === undefined ? TYPE : typeOfType(typeFromProto(kind.value));
    default:
      return DYN;
  }
}

/** A test's declaration of a variable; none for one of a function. */
export function variableFromProto(decl: Decl): [name: string, type: CelType][] {
  if (decl.declKind.case !== 'ident') return [];
  const type = typeFromProto(decl.declKind.value.type);
  if (type.kind === 'struct') throw new NeedsProtobuf(type.name);
  return [[decl.name, type]];
}

/** A test's declaration of a function, which does nothing; none for one of a variable. */
export function functionFromProto(decl: Decl): FunctionDecl[] {
  if (decl.declKind.case !== 'function') return [];
  const overloads = decl.declKind.value.overloads.map((overload): Overload => {
    const args = overload.params.map(typeFromProto);
    const params = new Set(overload.typeParams);
    const run = (): CelValue => NO_SUCH_OVERLOAD;
    const { overloadId: id, isInstanceFunction: member } = overload;
    return { id, member, args, result: typeFromProto(overload.resultType), params, run, anyType: true };
  });
  return [{ name: decl.name, overloads }];
}

/** A value as the specification's tests write it. */
export function valueFromProto(value: Value | undefined): CelValue {
  const kind = value?.kind;
  switch (kind?.case) {
    case 'boolValue':
    case 'stringValue':
      return kind.value;
    case 'int64Value':
      return normalInt(kind.value);
    case 'uint64Value':
      return new CelUint(normalInt(kind.value));
    case 'doubleValue':
      return new CelDouble(kind.value);
    case 'bytesValue':
      return kind.value;
    case 'typeValue':
      return new CelTypeValue(MESSAGES[kind.value] ?? typeNamed(kind.value));
    case 'listValue':
      return new ArrayList(kind.value.values.map(valueFromProto));
    case 'mapValue': {
      const map = new MapBuilder();
      for (const entry of kind.value.entries) map.set(valueFromProto(entry.key), valueFromProto(entry.value));
      return map.build();
    }
    case 'objectValue': {
      if (anyIs(kind.value, TimestampSchema)) {
        const time = anyUnpack(kind.value, TimestampSchema);
        if (time !== undefined) return new CelTimestamp(Number(time.seconds), time.nanos);
      }
      if (anyIs(kind.value, DurationSchema)) {
        const span = anyUnpack(kind.value, DurationSchema);
        if (span !== undefined) return new CelDuration(span.seconds * 1_000_000_000n + BigInt(span.nanos));
      }
      throw new NeedsProtobuf(kind.value.typeUrl);
    }
    case 'enumValue':
      throw new NeedsProtobuf(kind.value.type);
    default:
      return null;
  }
}
