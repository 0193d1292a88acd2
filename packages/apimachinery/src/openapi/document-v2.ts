import type { JsonObject } from '../json/value.js';
import { isRestDue, type Work } from '../turns/work.js';
import { customSchemas } from './custom-schema.js';
import { commonParameters, consumedTypes, type Operation, type Path, producedTypes } from './operation.js';
import { parameterV2, sharedParametersV2 } from './parameters.js';
import { pathsOf } from './resource-paths.js';
import { CORE_ROOT, GROUPS_ROOT, groupRoot, VERSION_ROOT, versionSchemas } from './root-paths.js';
import { SchemaClosure } from './schema-closure.js';
import type { ServedGroupVersion } from './served-resource.js';
import { REFERENCE_ROOT } from './special-schemas.js';

/**
 * The one OpenAPI v2 document of a server: all group versions together. Schemas of custom resources say less than in
 * v3. `version` is what `info.version` says. Parts are shared between documents: encode the result, do not change it.
 */
export function* makingOpenApiV2(served: readonly ServedGroupVersion[], version: string): Work<JsonObject> {
  const closure = new SchemaClosure('v2');
  closure.addSchemas(versionSchemas('v2'));
  const paths: JsonObject = {};
  for (const path of allPaths(served)) {
    if (isRestDue()) yield;
    paths[path.path] = pathV2(path);
    for (const operation of path.operations) {
      closure.addNamed(operation.answer);
      if (operation.body !== undefined) closure.addNamed(operation.body.schema);
    }
  }
  for (const gv of served) {
    for (const resource of gv.resources) {
      yield;
      const schema = resource.schema?.();
      if (schema !== undefined) closure.addCustom(yield* customSchemas(resource, schema, 'v2'));
    }
  }
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version },
    paths,
    definitions: closure.schemas(served),
    parameters: sharedParametersV2(),
    securityDefinitions: { BearerToken: { type: 'apiKey', name: 'authorization', in: 'header' } },
    security: [{ BearerToken: [] }],
  };
}

function* allPaths(served: readonly ServedGroupVersion[]): Generator<Path, void, void> {
  const groups = new Set(served.map((gv) => gv.group).filter((group) => group !== ''));
  yield* [CORE_ROOT, GROUPS_ROOT, VERSION_ROOT];
  for (const group of groups) yield groupRoot(group);
  for (const gv of served) yield* pathsOf(gv);
}

function pathV2(path: Path): JsonObject {
  const common = commonParameters(path);
  const item: JsonObject = {};
  for (const operation of path.operations) item[operation.method] = operationV2(operation, common);
  if (common.length > 0) item.parameters = common.map(parameterV2);
  return item;
}

function operationV2(operation: Operation, common: readonly string[]): JsonObject {
  const own = operation.parameters.filter((name) => !common.includes(name));
  const parameters = [...body(operation), ...own.map(parameterV2)];
  const { action, gvk } = operation;
  return {
    consumes: [...consumedTypes(operation)],
    produces: [...producedTypes(operation)],
    schemes: ['https'],
    tags: [operation.tag],
    operationId: operation.id,
    ...(parameters.length === 0 ? {} : { parameters }),
    responses: responses(operation),
    ...(action === undefined ? {} : { 'x-kubernetes-action': action }),
    ...(gvk === undefined
      ? {}
      : { 'x-kubernetes-group-version-kind': { group: gvk.group, kind: gvk.kind, version: gvk.version } }),
  };
}

function body(operation: Operation): JsonObject[] {
  if (operation.body === undefined) return [];
  const { schema, required } = operation.body;
  const target = { $ref: REFERENCE_ROOT.v2 + schema };
  return [{ name: 'body', in: 'body', ...(required ? { required: true } : {}), schema: target }];
}

function responses(operation: Operation): JsonObject {
  const all: JsonObject = {};
  const schema = { $ref: REFERENCE_ROOT.v2 + operation.answer };
  for (const code of operation.codes) all[code] = { description: PHRASES[code] ?? 'OK', schema };
  all['401'] = { description: 'Unauthorized' };
  return all;
}

const PHRASES: Readonly<Record<string, string>> = { '201': 'Created', '202': 'Accepted' };
