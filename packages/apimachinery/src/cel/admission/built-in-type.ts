import type { ScalarKind, StructType, TypeRef } from '../../types/type-ref.js';
import { unescapeName } from '../schema/escape.js';
import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DYN,
  type FieldTypes,
  INT,
  listType,
  mapType,
  STRING,
  structType,
  TIMESTAMP,
} from '../types/cel-type.js';

const SCALARS: Readonly<Record<ScalarKind, CelType>> = {
  string: STRING,
  bool: BOOL,
  int32: INT,
  int64: INT,
  double: DOUBLE,
  bytes: BYTES,
  time: TIMESTAMP,
  microTime: TIMESTAMP,
  quantity: STRING,
  intOrString: DYN,
  rawExtension: DYN,
  fieldsV1: DYN,
  json: DYN,
  any: DYN,
};

const known = new WeakMap<StructType, CelType>();

/** A built-in type as expressions see it; made once, as its fields are asked for. */
export function celTypeOfStruct(struct: StructType): CelType {
  let type = known.get(struct);
  if (type === undefined) {
    type = structType(struct.goName, new StructFields(struct));
    known.set(struct, type);
  }
  return type;
}

class StructFields implements FieldTypes {
  readonly #struct: StructType;

  constructor(struct: StructType) {
    this.#struct = struct;
  }

  get(name: string): CelType | undefined {
    const field = this.#struct.field(unescapeName(name) ?? name);
    return field === undefined ? undefined : celTypeOfRef(field.type);
  }
}

function celTypeOfRef(type: TypeRef): CelType {
  switch (type.kind) {
    case 'list':
      return listType(celTypeOfRef(type.element));
    case 'map':
      return mapType(STRING, celTypeOfRef(type.element));
    case 'struct':
      return celTypeOfStruct(type.struct);
    case 'jsonSchemaOrBool':
    case 'jsonSchemaOrArray':
    case 'jsonSchemaOrStringArray':
      return DYN;
    default:
      return SCALARS[type.kind];
  }
}
