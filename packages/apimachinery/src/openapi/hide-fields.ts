import type { JsonObject } from '../json/value.js';
import { readObject, readObjectMap, readStrings } from '../schema/read.js';

/** Fields that a server does not know though its types have them: published name of a type → names of fields. */
export type HiddenFields = ReadonlyMap<string, ReadonlySet<string>>;

export const NOTHING_HIDDEN: HiddenFields = new Map();

/** A document without those fields, of version 2 or 3. Shares with the given one all that stays as it is. */
export function hideFields(document: JsonObject, hidden: HiddenFields): JsonObject {
  if (hidden.size === 0) return document;
  const components = readObject(document, 'components');
  if (components === undefined) return { ...document, definitions: shown(document, 'definitions', hidden) };
  return { ...document, components: { ...components, schemas: shown(components, 'schemas', hidden) } };
}

function shown(holder: JsonObject, name: string, hidden: HiddenFields): JsonObject {
  return Object.fromEntries(
    readObjectMap(holder, name).map(([type, schema]) => {
      const fields = hidden.get(type);
      return [type, fields === undefined ? schema : without(schema, fields)];
    }),
  );
}

function without(schema: JsonObject, fields: ReadonlySet<string>): JsonObject {
  const required = readStrings(schema, 'required').filter((field) => !fields.has(field));
  const properties = readObjectMap(schema, 'properties').filter(([field]) => !fields.has(field));
  const { required: _, ...rest } = schema;
  return {
    ...rest,
    ...(required.length === 0 ? {} : { required }),
    properties: Object.fromEntries(properties),
  };
}
