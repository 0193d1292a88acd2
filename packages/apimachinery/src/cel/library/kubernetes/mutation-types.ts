import { goQuote } from '../../../errors/go-quote.js';
import { type CelType, DYN, type FieldTypes, STRING, structType } from '../../types/cel-type.js';
import { StructValue } from '../../values/struct-value.js';
import { CelList, CelMap, type CelValue } from '../../values/value.js';

/** Every field, of any type. */
const ANY_FIELDS: FieldTypes = { get: () => DYN };

/** One operation of a JSON patch. */
export const JSON_PATCH_TYPE = structType(
  'JSONPatch',
  new Map([
    ['op', STRING],
    ['path', STRING],
    ['from', STRING],
    ['value', DYN],
  ]),
);

/** What an expression that gives an apply configuration makes. */
export const OBJECT_TYPE = structType('Object', ANY_FIELDS);

/** The types that expressions of mutating policies make: `Object`, `Object.spec.template`, `JSONPatch`. */
export function mutationType(name: string): CelType | undefined {
  if (name === 'JSONPatch') return JSON_PATCH_TYPE;
  if (name === 'Object') return OBJECT_TYPE;
  return name.startsWith('Object.') ? structType(name, ANY_FIELDS) : undefined;
}

/** Objects whose type is not named after the path to them, as upstream words it. */
export function misnamedTypes(value: CelValue, path = 'Object'): readonly string[] {
  if (value instanceof StructValue) {
    const { name } = value.type;
    const own =
      name === path
        ? []
        : [
            `unexpected type name ${goQuote(name)}, expected ${goQuote(path)}, ` +
              'which matches field name path from root Object type',
          ];
    return [...own, ...Array.from(value.fields).flatMap(([field, inner]) => misnamedTypes(inner, `${path}.${field}`))];
  }
  if (value instanceof CelList) return value.toArray().flatMap((item) => misnamedTypes(item, path));
  if (!(value instanceof CelMap)) return [];
  return value.keys().flatMap((key) => misnamedTypes(value.get(key) ?? null, path));
}
