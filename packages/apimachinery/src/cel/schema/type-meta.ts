import type { SchemaNode } from '../../schema/node.js';

const EMPTY: SchemaNode = {
  types: [],
  format: '',
  nullable: false,
  properties: new Map(),
  additionalProperties: undefined,
  items: undefined,
  required: [],
  enum: [],
  limits: undefined,
  pattern: undefined,
  junctors: undefined,
  preserveUnknownFields: false,
  embeddedResource: false,
  intOrString: false,
  listType: undefined,
  listMapKeys: [],
  mapType: undefined,
  default: undefined,
  validations: [],
  hasDefaults: false,
  hasListTypes: false,
  hasEmbedded: false,
  hasRules: false,
};
const TEXT: SchemaNode = { ...EMPTY, types: ['string'] };
const METADATA: SchemaNode = {
  ...EMPTY,
  types: ['object'],
  properties: new Map([
    ['name', TEXT],
    ['generateName', TEXT],
  ]),
};
const known = new WeakMap<SchemaNode, SchemaNode>();

/**
 * The schema of a whole resource with what every resource has: kind, apiVersion, and of the metadata name and
 * generateName only, unless it declares all of these itself.
 */
export function withTypeMeta(schema: SchemaNode): SchemaNode {
  const metadata = schema.properties.get('metadata');
  const declares = (node: SchemaNode | undefined, name: string): boolean =>
    node?.properties.get(name)?.types[0] === 'string';
  const complete = declares(schema, 'kind') && declares(schema, 'apiVersion') && metadata?.types[0] === 'object';
  if (complete && declares(metadata, 'name') && declares(metadata, 'generateName')) return schema;
  const cached = known.get(schema);
  if (cached !== undefined) return cached;
  const properties = new Map([
    ...schema.properties,
    ['kind', TEXT],
    ['apiVersion', TEXT],
    ['metadata', METADATA],
  ] as const);
  const result: SchemaNode = { ...schema, properties };
  known.set(schema, result);
  return result;
}
