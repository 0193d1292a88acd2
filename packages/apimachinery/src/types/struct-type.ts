import { getOwn, isObject, type JsonObject, type JsonValue } from '../json/value.js';
import { parseTypeRef } from './parse-type-ref.js';
import { damaged, list, section, text, typeTable } from './table.js';
import type { FieldDescriptor, ProtoField, StructType } from './type-ref.js';

const structs = new Map<string, StructType>();

/**
 * The struct type of that package and Go name (`core/v1.ConfigMap`), made on first use and kept.
 * Throws when the table has no such type: names come from the table itself or from code.
 */
export function structType(name: string): StructType {
  let known = structs.get(name);
  if (known === undefined) {
    known = new TableStruct(name);
    structs.set(name, known);
  }
  return known;
}

/** One row of a struct in the table, before inlined structs are resolved. */
interface Row {
  readonly inline: StructType | undefined;
  readonly field: FieldDescriptor;
  readonly number: number;
}

class TableStruct implements StructType {
  readonly name: string;
  readonly goName: string;
  readonly openApiName: string;
  readonly mapType: 'atomic' | 'granular' | undefined;
  readonly unions: JsonValue | undefined;
  readonly fields: readonly FieldDescriptor[];
  readonly always: readonly FieldDescriptor[];
  readonly #byName: ReadonlyMap<string, FieldDescriptor>;
  readonly #rows: readonly Row[];
  #protoFields: readonly ProtoField[] | undefined;

  constructor(name: string) {
    const dot = name.lastIndexOf('.');
    const pkg = name.slice(0, dot);
    this.name = name;
    this.goName = name.slice(dot + 1);
    this.openApiName = `${openApiPrefix(pkg)}.${this.goName}`;
    const raw = section(section(typeTable().types, pkg), this.goName);
    this.mapType = mapTypeOf(raw.m);
    this.unions = raw.u;
    this.#rows = list(raw.f).map((row) => parseRow(list(row), pkg));
    this.fields = this.#rows.flatMap((row) => (row.inline === undefined ? [row.field] : row.inline.fields));
    this.#byName = new Map(this.fields.map((field) => [field.name, field]));
    this.always = this.fields.filter((field) => field.always);
  }

  field(name: string): FieldDescriptor | undefined {
    return this.#byName.get(name);
  }

  get protoFields(): readonly ProtoField[] {
    this.#protoFields ??= this.#rows
      .filter((row) => row.number > 0)
      .map((row) => ({
        number: row.number,
        field: row.inline === undefined ? row.field : undefined,
        embedded: row.inline,
      }))
      .sort((a, b) => a.number - b.number);
    return this.#protoFields;
  }
}

function openApiPrefix(pkg: string): string {
  const special = getOwn(typeTable().prefixes, pkg);
  return typeof special === 'string' ? special : `io.k8s.api.${pkg.replaceAll('/', '.')}`;
}

function parseRow(row: readonly JsonValue[], pkg: string): Row {
  const [name, ref, number, flags, extra] = row;
  if (typeof number !== 'number') throw damaged(text(name));
  const inline = text(flags).includes('i') ? structType(qualify(text(ref), pkg)) : undefined;
  const extras = isObject(extra) ? extra : {};
  return { inline, number, field: parseField(text(name), text(ref), text(flags), extras, pkg) };
}

function qualify(ref: string, pkg: string): string {
  return ref.startsWith('.') ? pkg + ref : ref;
}

function parseField(name: string, ref: string, flags: string, extra: JsonObject, pkg: string): FieldDescriptor {
  const pointer = ref.startsWith('*');
  const type = parseTypeRef(pointer ? ref.slice(1) : ref, pkg, structType);
  const omitEmpty = flags.includes('o');
  const omitZero = flags.includes('z');
  const [strategies = '', mergeKey] = typeof extra.patch === 'string' ? extra.patch.split(' ') : [];
  return {
    name,
    type,
    pointer,
    omitEmpty,
    omitZero,
    always: !omitEmpty || (!pointer && !omitZero && NEVER_EMPTY.has(type.kind)),
    required: flags.includes('r'),
    enum: extra.enum === undefined ? undefined : list(extra.enum).map(text),
    default: extra.default,
    listType: listTypeOf(extra.list),
    listMapKeys: extra.keys === undefined ? [] : list(extra.keys).map(text),
    mapType: mapTypeOf(extra.map),
    patchStrategies: strategies === '' ? [] : strategies.split(','),
    patchMergeKey: mergeKey,
    bareReference: extra.bare === 1,
  };
}

/** Kinds that are structs in Go, which `omitempty` never leaves out. */
const NEVER_EMPTY: ReadonlySet<string> = new Set([
  'struct',
  'time',
  'microTime',
  'quantity',
  'intOrString',
  'rawExtension',
  'fieldsV1',
  'json',
  'jsonSchemaOrBool',
  'jsonSchemaOrArray',
  'jsonSchemaOrStringArray',
]);

function listTypeOf(value: JsonValue | undefined): 'atomic' | 'set' | 'map' | undefined {
  if (value === undefined || value === 'atomic' || value === 'set' || value === 'map') return value;
  throw damaged('list type');
}

function mapTypeOf(value: JsonValue | undefined): 'atomic' | 'granular' | undefined {
  if (value === undefined || value === 'atomic' || value === 'granular') return value;
  throw damaged('map type');
}
