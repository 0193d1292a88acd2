import { createHash } from 'node:crypto';
import type { JsonObject } from '../json/value.js';
import { isRestDue, type Work } from '../turns/work.js';
import { customSchemas } from './custom-schema.js';
import { commonParameters, consumedTypes, type Operation, type Path, producedTypes } from './operation.js';
import { parameterV3 } from './parameters.js';
import { pathsOf } from './resource-paths.js';
import { SchemaClosure } from './schema-closure.js';
import type { ServedGroupVersion } from './served-resource.js';
import { REFERENCE_ROOT } from './special-schemas.js';

/**
 * The OpenAPI v3 document of one group version. `version` is what `info.version` says, such as `1.36`. Schemas inside
 * are shared between documents: encode the result, do not change it.
 */
export function* makingOpenApiV3(gv: ServedGroupVersion, version: string): Work<JsonObject> {
  const closure = new SchemaClosure('v3');
  for (const resource of gv.resources) {
    yield;
    const schema = resource.schema?.();
    if (schema !== undefined) closure.addCustom(yield* customSchemas(resource, schema, 'v3'));
  }
  return yield* makingDocumentV3(pathsOf(gv), closure, version, [gv]);
}

/** A v3 document of any paths; `closure` holds the custom schemas among those that the paths name. */
export function* makingDocumentV3(
  paths: Iterable<Path>,
  closure: SchemaClosure,
  version: string,
  served: readonly ServedGroupVersion[] = [],
): Work<JsonObject> {
  const written: JsonObject = {};
  for (const path of paths) {
    if (isRestDue()) yield;
    written[path.path] = pathV3(path);
    for (const operation of path.operations) {
      closure.addNamed(operation.answer);
      if (operation.body !== undefined) closure.addNamed(operation.body.schema);
    }
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version },
    paths: written,
    components: {
      schemas: closure.schemas(served),
      securitySchemes: { BearerToken: { type: 'apiKey', name: 'authorization', in: 'header' } },
    },
  };
}

function pathV3(path: Path): JsonObject {
  const common = commonParameters(path);
  const item: JsonObject = {};
  for (const operation of path.operations) item[operation.method] = operationV3(operation, common);
  if (common.length > 0) item.parameters = common.map(parameterV3);
  return item;
}

function operationV3(operation: Operation, common: readonly string[]): JsonObject {
  const parameters = operation.parameters.filter((name) => !common.includes(name));
  const { body, action, gvk } = operation;
  return {
    tags: [operation.tag],
    operationId: operation.id,
    ...(parameters.length === 0 ? {} : { parameters: parameters.map(parameterV3) }),
    ...(body === undefined ? {} : { requestBody: requestBody(operation, body) }),
    responses: responses(operation),
    ...(action === undefined ? {} : { 'x-kubernetes-action': action }),
    ...(gvk === undefined ? {} : { 'x-kubernetes-group-version-kind': { ...gvk } }),
  };
}

function requestBody(operation: Operation, body: NonNullable<Operation['body']>): JsonObject {
  return { content: content(consumedTypes(operation), body.schema), ...(body.required ? { required: true } : {}) };
}

function responses(operation: Operation): JsonObject {
  const answer = { description: 'OK', content: content(producedTypes(operation), operation.answer) };
  const all: JsonObject = {};
  for (const code of operation.codes)
    all[code] = code === '200' ? answer : { ...answer, description: PHRASES[code] ?? '' };
  all['401'] = { description: 'Unauthorized' };
  return all;
}

const PHRASES: Readonly<Record<string, string>> = { '201': 'Created', '202': 'Accepted' };

function content(types: readonly string[], schema: string): JsonObject {
  const media = { schema: { $ref: REFERENCE_ROOT.v3 + schema } };
  return Object.fromEntries([...types].sort().map((type) => [type, media]));
}

/** The hash of an encoded document, for its ETag and its address in the index: SHA-512 in upper-case hexadecimal. */
export function openApiHash(document: Uint8Array | string): string {
  return createHash('sha512').update(document).digest('hex').toUpperCase();
}

/**
 * The index of the v3 documents. `hashes`: path without the leading slash (`api/v1`, `apis/apps/v1`, `version`) → hash
 * of that document.
 */
export function openApiV3Index(hashes: ReadonlyMap<string, string>): JsonObject {
  const paths: JsonObject = {};
  for (const [path, hash] of hashes) paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` };
  return { paths };
}
