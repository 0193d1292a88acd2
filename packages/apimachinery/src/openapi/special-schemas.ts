import type { JsonObject } from '../json/value.js';
import type { TypeRef } from '../types/type-ref.js';

/** Which of the two formats a schema is written in. */
export type OpenApiFormat = 'v2' | 'v3';

/** Where references point to. */
export const REFERENCE_ROOT: Readonly<Record<OpenApiFormat, string>> = {
  v2: '#/definitions/',
  v3: '#/components/schemas/',
};

interface SpecialSchema {
  readonly name: string;
  readonly v2: JsonObject;
  readonly v3: JsonObject;
}

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const OBJECT = { type: 'object' };
const DATE_TIME = { type: 'string', format: 'date-time' };

const BY_KIND: Readonly<Partial<Record<TypeRef['kind'], SpecialSchema>>> = {
  time: { name: `${META}.Time`, v2: DATE_TIME, v3: DATE_TIME },
  microTime: { name: `${META}.MicroTime`, v2: DATE_TIME, v3: DATE_TIME },
  fieldsV1: { name: `${META}.FieldsV1`, v2: OBJECT, v3: OBJECT },
  rawExtension: { name: 'io.k8s.apimachinery.pkg.runtime.RawExtension', v2: OBJECT, v3: OBJECT },
  quantity: {
    name: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
    v2: { type: 'string' },
    v3: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  },
  intOrString: {
    name: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
    v2: { type: 'string', format: 'int-or-string' },
    v3: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
  },
};

const ANYTHING: ReadonlySet<string> = new Set([
  'json',
  'jsonSchemaOrBool',
  'jsonSchemaOrArray',
  'jsonSchemaOrStringArray',
]);

/** The schema of a type with an encoding of its own; undefined for scalars, lists, maps and structs. */
export function specialSchema(type: TypeRef): SpecialSchema | undefined {
  if (!ANYTHING.has(type.kind)) return BY_KIND[type.kind];
  return { name: `io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.${type.goType}`, v2: {}, v3: {} };
}

/** The body of a patch, of whatever kind. */
export const PATCH: SpecialSchema = { name: `${META}.Patch`, v2: OBJECT, v3: OBJECT };
