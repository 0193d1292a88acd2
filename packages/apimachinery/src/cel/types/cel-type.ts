/** What a type is, apart from its name and parameters. */
export type Kind =
  | 'any'
  | 'bool'
  | 'bytes'
  | 'double'
  | 'duration'
  | 'dyn'
  | 'error'
  | 'int'
  | 'list'
  | 'map'
  | 'null'
  | 'opaque'
  | 'param'
  | 'string'
  | 'struct'
  | 'timestamp'
  | 'type'
  | 'uint';

/** Fields of a declared object type, by the names that expressions use; a map is one. */
export interface FieldTypes {
  get(name: string): CelType | undefined;
}

/** A type of the checker. Values know theirs by `name` alone, as upstream's do. */
export class CelType {
  readonly kind: Kind;
  /** The name at run time: `int`, `list`, `google.protobuf.Timestamp`. */
  readonly name: string;
  readonly params: readonly CelType[];
  /** A wrapper type: null or a primitive. */
  readonly nullable: boolean;
  /** Of a struct; undefined when nothing is known of its fields. */
  readonly fields: FieldTypes | undefined;

  /** Number of types in it, itself included. */
  readonly parts: number;

  constructor(kind: Kind, name: string, params: readonly CelType[] = [], nullable = false, fields?: FieldTypes) {
    this.kind = kind;
    this.name = name;
    this.params = params;
    this.nullable = nullable;
    this.fields = fields;
    this.parts = params.reduce((sum, inner) => sum + inner.parts, 1);
  }

  /** As error messages show it: `list(int)`, `timestamp`, `wrapper(string)`. */
  toString(): string {
    const name = SHOWN[this.kind] ?? this.name;
    if (this.params.length === 0) return this.nullable ? `wrapper(${name})` : name;
    return `${name}(${this.params.join(', ')})`;
  }
}

const SHOWN: Partial<Record<Kind, string>> = {
  any: 'any',
  duration: 'duration',
  error: '!error!',
  null: 'null',
  timestamp: 'timestamp',
};

export const ANY = new CelType('any', 'google.protobuf.Any');
export const BOOL = new CelType('bool', 'bool');
export const BYTES = new CelType('bytes', 'bytes');
export const DOUBLE = new CelType('double', 'double');
export const DURATION = new CelType('duration', 'google.protobuf.Duration');
export const DYN = new CelType('dyn', 'dyn');
export const ERROR = new CelType('error', 'error');
export const INT = new CelType('int', 'int');
export const NULL = new CelType('null', 'null_type');
export const STRING = new CelType('string', 'string');
export const TIMESTAMP = new CelType('timestamp', 'google.protobuf.Timestamp');
export const TYPE = new CelType('type', 'type');
export const UINT = new CelType('uint', 'uint');

export function listType(element: CelType): CelType {
  return new CelType('list', 'list', [element]);
}

export function mapType(key: CelType, value: CelType): CelType {
  return new CelType('map', 'map', [key, value]);
}

export function optionalType(value: CelType): CelType {
  return new CelType('opaque', 'optional_type', [value]);
}

export function opaqueType(name: string, ...params: readonly CelType[]): CelType {
  return new CelType('opaque', name, params);
}

/** An object type; its fields may be added when they are known, for types that contain themselves. */
export function structType(name: string, fields?: FieldTypes): CelType {
  return new CelType('struct', name, [], false, fields);
}

export function typeParam(name: string): CelType {
  return new CelType('param', name);
}

export function typeOfType(type: CelType): CelType {
  return new CelType('type', 'type', [type]);
}

export function wrapperType(type: CelType): CelType {
  return new CelType(type.kind, type.name, [], true);
}

/** The element, key or value type; dyn when there is none. */
export function param(type: CelType, index: number): CelType {
  return type.params[index] ?? DYN;
}

export function isDyn(type: CelType): boolean {
  return type.kind === 'dyn' || type.kind === 'any';
}

export function isDynOrError(type: CelType): boolean {
  return type.kind === 'error' || isDyn(type);
}

/** What an optional holds; undefined for other types. */
export function unwrapOptional(type: CelType): CelType | undefined {
  return type.kind === 'opaque' && type.name === 'optional_type' ? param(type, 0) : undefined;
}

/** Equality of types, type parameters by name. */
export function sameType(a: CelType, b: CelType): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind || a.name !== b.name || a.params.length !== b.params.length) return false;
  return a.params.every((inner, i) => sameType(inner, param(b, i)));
}
