import type { JsonObject } from '@kcp/apimachinery/json/value';

const INT_OR_STRING = { anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true };
const QUANTITY_PATTERN =
  '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$';
const ANYTHING = { 'x-kubernetes-preserve-unknown-fields': true };
const ANY_OBJECT = { type: 'object', ...ANYTHING };

/** Types whose published schema says less than what they are, by the last part of their name. */
const SPECIAL: ReadonlyMap<string, JsonObject> = new Map<string, JsonObject>([
  ['resource.Quantity', { ...INT_OR_STRING, pattern: QUANTITY_PATTERN }],
  ['intstr.IntOrString', INT_OR_STRING],
  ['v1.Time', { type: 'string', format: 'date-time' }],
  ['v1.MicroTime', { type: 'string', format: 'date-time' }],
  ['v1.Duration', { type: 'string' }],
  ['v1.ObjectMeta', ANY_OBJECT],
  ['v1.FieldsV1', ANY_OBJECT],
  ['v1.Fields', ANY_OBJECT],
  ['runtime.RawExtension', ANY_OBJECT],
  ['v1.JSON', ANYTHING],
  ['v1beta1.JSON', ANYTHING],
  ...['v1', 'v1beta1'].flatMap((version): [string, JsonObject][] =>
    ['JSONSchemaPropsOrArray', 'JSONSchemaPropsOrBool', 'JSONSchemaPropsOrStringArray'].map((name) => [
      `${version}.${name}`,
      ANYTHING,
    ]),
  ),
]);

/** What stands in the place of a type that nothing more is known of: it keeps all that it is given. */
export function openObject(): JsonObject {
  return { ...ANY_OBJECT };
}

/** The structural schema of a type that needs one of its own; undefined for most. `name` is its published name. */
export function specialSchema(name: string): JsonObject | undefined {
  const [version = '', type = ''] = name.split('.').slice(-2);
  const found = SPECIAL.get(`${version}.${type}`);
  return found === undefined ? undefined : structuredClone(found);
}

/** A number or a text, whoever publishes it in whatever way. */
export function isIntOrString(schema: JsonObject): boolean {
  return schema.format === 'int-or-string' || schema['x-kubernetes-int-or-string'] === true;
}

export function intOrString(): JsonObject {
  return structuredClone(INT_OR_STRING);
}
