// Makes packages/apimachinery/data/types.json, the one table of built-in types, out of facts about a Kubernetes server.
//
//     node scripts/generate-types.mjs FACTS
//
// FACTS is a directory with go-types.json (fields of every Go type in order), openapi-v3-schemas.json and
// openapi-v2-definitions.json (what the server publishes of them). The layout of the table is described, and read,
// in packages/apimachinery/src/types/table.ts. Prose is not taken over.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const OUTPUT = new URL('../packages/apimachinery/data/types.json', import.meta.url);

// Package of a Go type, as go-types.json abbreviates it, and the prefix of its name in OpenAPI documents.
const OPENAPI_PREFIXES = {
  'meta/v1': 'io.k8s.apimachinery.pkg.apis.meta.v1',
  runtime: 'io.k8s.apimachinery.pkg.runtime',
  'util/intstr': 'io.k8s.apimachinery.pkg.util.intstr',
  'api/resource': 'io.k8s.apimachinery.pkg.api.resource',
  'apiextensions/v1': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1',
  'apiextensions/v1beta1': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1beta1',
  'apiregistration/v1': 'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1',
};

// Types whose encoding is not that of a struct; the reader knows them by name.
const SPECIAL = new Set([
  'meta/v1.Time',
  'meta/v1.MicroTime',
  'meta/v1.FieldsV1',
  'api/resource.Quantity',
  'util/intstr.IntOrString',
  'runtime.RawExtension',
  ...['v1', 'v1beta1'].flatMap((v) =>
    ['JSON', 'JSONSchemaPropsOrBool', 'JSONSchemaPropsOrArray', 'JSONSchemaPropsOrStringArray'].map(
      (name) => `apiextensions/${v}.${name}`,
    ),
  ),
]);
const NOT_FOR_CLIENTS = new Set([
  'time.Time',
  'runtime.Unknown',
  'runtime.TypeMeta',
  'util/intstr.Type',
  'api/resource.Format',
]);

const facts = process.argv[2];
if (facts === undefined) {
  console.error('usage: node scripts/generate-types.mjs FACTS');
  process.exit(2);
}
const read = (name) => JSON.parse(readFileSync(join(facts, name), 'utf8'));
const go = read('go-types.json');
const v3 = read('openapi-v3-schemas.json');
const v2 = read('openapi-v2-definitions.json');

const split = (type) => {
  const dot = type.lastIndexOf('.');
  return [type.slice(0, dot), type.slice(dot + 1)];
};
const openApiName = (type) => {
  const [pkg, name] = split(type);
  return `${OPENAPI_PREFIXES[pkg] ?? `io.k8s.api.${pkg.replaceAll('/', '.')}`}.${name}`;
};

/** `*[]core/v1.Pod` and the like, with the names of the type's own package shortened to `.Pod`. */
function typeRef(text, pkg) {
  const [prefix] = /^(\*|\[\]|map\[[^\]]*\])*/.exec(text);
  const base = text.slice(prefix.length);
  const short = prefix.replaceAll(/map\[[^\]]*\]/g, '{}');
  if (base === 'uint8' && short.endsWith('[]')) return `${short.slice(0, -2)}bytes`;
  if (base === 'interface {}') return `${short}any`;
  if (base === 'float64') return `${short}double`;
  const [basePkg, name] = split(base);
  return basePkg === pkg ? `${short}.${name}` : short + base;
}

/** The default that the API machinery publishes for a field by its Go type alone; undefined when there is none. */
function impliedDefault(ref, omitempty, pkg) {
  if (ref.startsWith('*') || ref.startsWith('[]') || ref.startsWith('{}') || ref === 'bytes') return undefined;
  const scalar = { string: '', bool: false, int32: 0, int64: 0, double: 0 };
  const full = ref.startsWith('.') ? pkg + ref : ref;
  const behind = go.types[full];
  const plain = behind === undefined ? ref : behind === 'string' ? 'string' : undefined;
  if (plain !== undefined && plain in scalar) return omitempty ? undefined : scalar[plain];
  if (Array.isArray(behind) && !SPECIAL.has(full)) return {};
  return undefined;
}

/** Types that inline a type; what is not published itself is published as part of them. */
const inlinedBy = new Map();
for (const [type, fields] of Object.entries(go.types)) {
  if (!Array.isArray(fields)) continue;
  for (const [, inlined, , tags] of fields) {
    if (tags === 'inline') inlinedBy.set(inlined, [...(inlinedBy.get(inlined) ?? []), type]);
  }
}

/** The schema in which the fields of a type are published; CRDs' v1beta1, no longer published, borrows from v1. */
function publishedSchema(schemas, type) {
  const own = schemas[openApiName(type)] ?? schemas[openApiName(type.replace('/v1beta1.', '/v1.'))];
  if (own !== undefined || type === 'meta/v1.TypeMeta') return own;
  for (const outer of inlinedBy.get(type) ?? []) {
    const found = publishedSchema(schemas, outer);
    if (found !== undefined) return found;
  }
  return undefined;
}

function published(schemas, type, field) {
  return publishedSchema(schemas, type)?.properties?.[field];
}

function isRequired(type, field) {
  const schema = publishedSchema(v3, type) ?? publishedSchema(v2, type);
  return schema?.required?.includes(field) === true;
}

/** What a schema says beyond the Go type; an empty object for most fields. */
function extras(type, name, ref, omitempty, patch) {
  const [pkg] = split(type);
  const property = published(v3, type, name) ?? published(v2, type, name);
  const extra = {};
  if (patch !== undefined) extra.patch = patch;
  if (property === undefined) return extra;
  const values = property.enum ?? property.items?.enum ?? property.additionalProperties?.enum;
  if (values !== undefined) extra.enum = values;
  const listType = property['x-kubernetes-list-type'];
  if (listType !== undefined) extra.list = listType;
  if (property['x-kubernetes-list-map-keys'] !== undefined) extra.keys = property['x-kubernetes-list-map-keys'];
  if (property['x-kubernetes-map-type'] !== undefined) extra.map = property['x-kubernetes-map-type'];
  if (published(v3, type, name) !== undefined) {
    const implied = impliedDefault(ref, omitempty, pkg);
    if (JSON.stringify(property.default) !== JSON.stringify(implied)) extra.default = property.default ?? null;
    if ('$ref' in property) extra.bare = 1;
  }
  return extra;
}

function field(type, [name, goType, proto, tags, patch]) {
  const [pkg] = split(type);
  const ref = typeRef(goType, pkg);
  const number = Number(/(\d+)$/.exec(proto)?.[1] ?? 0);
  const omitempty = tags.startsWith('omitempty');
  const flags =
    (tags === 'inline' ? 'i' : '') +
    (omitempty ? 'o' : '') +
    (tags.includes('omitzero') ? 'z' : '') +
    (isRequired(type, name) ? 'r' : '');
  const extra = extras(type, name, ref, omitempty, patch);
  const row = [name, ref, number, flags];
  if (Object.keys(extra).length > 0) row.push(extra);
  return row;
}

function struct(type, fields) {
  const schema = v3[openApiName(type)] ?? v2[openApiName(type)];
  const out = { f: fields.map((row) => field(type, row)) };
  if (schema?.['x-kubernetes-map-type'] !== undefined) out.m = schema['x-kubernetes-map-type'];
  if (schema?.['x-kubernetes-unions'] !== undefined) out.u = schema['x-kubernetes-unions'];
  return out;
}

const table = { prefixes: OPENAPI_PREFIXES, kinds: {}, strings: {}, named: {}, types: {} };
for (const [gvk, type] of Object.entries(go.kinds)) {
  const cut = gvk.lastIndexOf('/');
  const [group, kind] = [gvk.slice(0, cut), gvk.slice(cut + 1)];
  table.kinds[group] ??= {};
  table.kinds[group][kind] = type.endsWith(`.${kind}`) ? split(type)[0] : type;
}
// Kinds of the API machinery itself: they are registered in every group version, and asked for under these two.
const META_KINDS = {
  v1: [
    'APIGroup',
    'APIGroupList',
    'APIResourceList',
    'APIVersions',
    'CreateOptions',
    'DeleteOptions',
    'ListOptions',
  ].concat(['PatchOptions', 'Status', 'UpdateOptions', 'WatchEvent']),
  'meta.k8s.io/v1': [
    'CreateOptions',
    'DeleteOptions',
    'ListOptions',
    'PartialObjectMetadata',
    'PartialObjectMetadataList',
  ].concat(['PatchOptions', 'Status', 'Table', 'UpdateOptions', 'WatchEvent']),
};
for (const [groupVersion, kinds] of Object.entries(META_KINDS)) {
  table.kinds[groupVersion] ??= {};
  for (const kind of kinds) table.kinds[groupVersion][kind] = 'meta/v1';
}
for (const [type, shape] of Object.entries(go.types)) {
  if (SPECIAL.has(type) || NOT_FOR_CLIENTS.has(type)) continue;
  const [pkg, name] = split(type);
  if (Array.isArray(shape)) {
    table.types[pkg] ??= {};
    table.types[pkg][name] = struct(type, shape);
  } else if (shape === 'string') {
    table.strings[pkg] ??= [];
    table.strings[pkg].push(name);
  } else {
    table.named[type] = typeRef(shape.replace('map of ', 'map[string]').replace('slice of ', '[]'), '');
  }
}

const lines = [];
for (const [key, value] of Object.entries(table)) {
  const inner =
    key === 'types'
      ? Object.entries(value).map(
          ([pkg, types]) =>
            `${JSON.stringify(pkg)}:{${Object.entries(types)
              .map(([name, t]) => `\n${JSON.stringify(name)}:${JSON.stringify(t)}`)
              .join(',')}}`,
        )
      : undefined;
  lines.push(`${JSON.stringify(key)}:${inner === undefined ? JSON.stringify(value) : `{${inner.join(',\n')}}`}`);
}
const text = `{${lines.join(',\n')}}\n`;
JSON.parse(text);
writeFileSync(OUTPUT, text);
console.log(`${OUTPUT.pathname}: ${text.length} characters`);
