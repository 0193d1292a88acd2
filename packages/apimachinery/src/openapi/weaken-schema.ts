import { isObject, type JsonObject } from '../json/value.js';
import { readStrings } from '../schema/read.js';
import type { Work } from '../turns/work.js';
import { mapSchemas } from './map-schemas.js';

/** Keywords that OpenAPI v2, or the clients that read it, cannot deal with. */
const DROPPED = ['nullable', 'oneOf', 'anyOf', 'allOf', 'not'] as const;

/**
 * A structural schema as OpenAPI v2 can say it (upstream's `ToStructuralOpenAPIV2`). Clients check objects against it,
 * so where v2 has no words for what is allowed it must say less: nullable values lose their type, open objects their
 * properties.
 */
export function* weakenForV2(schema: JsonObject): Work<JsonObject> {
  const inner = yield* mapSchemas(schema, weakenForV2);
  const drop: string[] = DROPPED.filter((name) => inner[name] !== undefined);
  if (schema.nullable === true) drop.push('type', 'items', 'properties');
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (open) drop.push('items', 'properties');
  const { type } = schema;
  if (type === 'array' && (schema.items === undefined || open)) drop.push('type');
  if (open && type === 'object') drop.push('type');
  const required = requiredIn(schema);
  if (drop.length === 0 && required === undefined) return inner;
  const kept = Object.entries(inner).filter(([name]) => !drop.includes(name) && name !== 'required');
  const members = required ?? readStrings(schema, 'required');
  return { ...Object.fromEntries(kept), ...(members.length === 0 ? {} : { required: [...members] }) };
}

/** What v2 may require; undefined for what the schema requires anyway. Null counts as absent there. */
function requiredIn(schema: JsonObject): readonly string[] | undefined {
  const { properties, additionalProperties } = schema;
  if (isNullable(additionalProperties)) return [];
  if (!isObject(properties)) return undefined;
  const required = readStrings(schema, 'required');
  const left = required.filter((name) => !isNullable(properties[name]));
  return left.length === required.length ? undefined : left;
}

function isNullable(schema: JsonObject[string]): boolean {
  return isObject(schema) && schema.nullable === true;
}
