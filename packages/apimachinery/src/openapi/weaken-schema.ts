import type { JsonObject } from '../json/value.js';
import { mapSchemas } from './map-schemas.js';

/** Keywords that OpenAPI v2, or the clients that read it, cannot deal with. */
const DROPPED = ['default', 'nullable', 'oneOf', 'anyOf', 'allOf', 'not'] as const;

/**
 * A schema as OpenAPI v2 can say it. Clients check objects against it, so where v2 has no words for what is allowed it
 * must say less: nullable and int-or-string values lose their type, open objects their properties.
 */
export function weakenForV2(schema: JsonObject): JsonObject {
  const inner = mapSchemas(schema, weakenForV2);
  const drop: string[] = DROPPED.filter((name) => inner[name] !== undefined);
  if (schema.nullable === true) drop.push('type', 'items', 'properties', 'additionalProperties');
  if (schema['x-kubernetes-int-or-string'] === true) drop.push('type', 'enum', 'pattern', 'format');
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) {
    drop.push('items', 'properties', 'additionalProperties', 'required');
  }
  if (drop.length === 0) return inner;
  return Object.fromEntries(Object.entries(inner).filter(([name]) => !drop.includes(name)));
}
