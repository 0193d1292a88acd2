import type { GroupVersionKind } from '../meta/resource.js';
import { typeOf } from '../types/type-of.js';
import { type Method, type Operation, PATCH_SCHEMA, type Path } from './operation.js';
import { capitalise, customSchemaName, groupName, tagOf } from './operation-names.js';
import {
  DELETE_COLLECTION_PARAMETERS,
  DELETE_PARAMETERS,
  LIST_PARAMETERS,
  PATCH_PARAMETERS,
  WRITE_PARAMETERS,
} from './parameters.js';
import {
  groupVersionPath,
  type ServedGroupVersion,
  type ServedResource,
  type ServedSubresource,
} from './served-resource.js';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
/** Kinds whose delete answers with the object, not with a Status. */
const DELETE_RETURNS_OBJECT: ReadonlySet<string> = new Set([
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Pod',
  'PodTemplate',
  'ResourceQuota',
  'Service',
  'ServiceAccount',
]);

/** The name of a kind's schema in the documents. */
export function schemaName(gvk: GroupVersionKind): string {
  return typeOf(gvk)?.openApiName ?? customSchemaName(gvk.group, gvk.version, gvk.kind);
}

/** What all operations of one resource have in common. */
interface Frame {
  readonly resource: ServedResource;
  readonly own: string;
  readonly list: string;
  readonly custom: boolean;
  /** Group and version in operation ids: `CoreV1`. */
  readonly prefix: string;
}

/** Every path of a group version, one by one: its discovery, then the paths of each resource. */
export function* pathsOf(gv: ServedGroupVersion): Generator<Path, void, void> {
  const prefix = groupName(gv.group) + capitalise(gv.version);
  yield rootPath(gv, prefix);
  for (const resource of gv.resources) yield* resourcePaths(resource, prefix);
}

function rootPath(gv: ServedGroupVersion, prefix: string): Path {
  const operation: Operation = {
    method: 'get',
    id: `get${prefix}APIResources`,
    tag: tagOf(gv.group, gv.version),
    parameters: [],
    codes: ['200'],
    answer: `${META}.APIResourceList`,
    stream: false,
    custom: false,
  };
  return { path: `${groupVersionPath(gv)}/`, operations: [operation] };
}

function resourcePaths(resource: ServedResource, prefix: string): Path[] {
  const { gvk, plural, namespaced } = resource;
  const custom = resource.schema !== undefined;
  const listKind = resource.listKind ?? `${gvk.kind}List`;
  const name = (kind: string): string =>
    custom ? customSchemaName(gvk.group, gvk.version, kind) : schemaName({ ...gvk, kind });
  const frame: Frame = { resource, own: name(gvk.kind), list: name(listKind), custom, prefix };
  const root = groupVersionPath(gvk);
  const within = namespaced ? `${root}/namespaces/{namespace}/${plural}` : `${root}/${plural}`;
  const all: Path[] = [
    ...(namespaced ? [{ path: `${root}/${plural}`, operations: listEverywhere(frame) }] : []),
    { path: within, operations: collection(frame) },
    { path: `${within}/{name}`, operations: single(frame) },
    ...resource.subresources.map((sub) => ({
      path: `${within}/{name}/${sub.name}`,
      operations: subresource(frame, sub),
    })),
    ...watchPaths(frame, root),
  ];
  return all.filter((path) => path.operations.length > 0);
}

/** The varying parts of an operation. */
interface Shape {
  readonly method: Method;
  readonly verb: string;
  readonly action: string;
  readonly parameters: readonly string[];
  readonly codes: readonly string[];
  readonly answer: string;
  readonly body?: { readonly schema: string; readonly required: boolean };
  readonly suffix?: string;
  readonly everywhere?: boolean;
  readonly named?: boolean;
  readonly stream?: boolean;
  readonly gvk?: GroupVersionKind;
}

function operation(frame: Frame, shape: Shape): Operation {
  const { resource, prefix } = frame;
  const inNamespace = resource.namespaced && shape.everywhere !== true;
  const [verb = '', collective = ''] = shape.verb.split(' ');
  const path = [...(inNamespace ? ['namespace'] : []), ...(shape.named === true ? ['name'] : []), 'pretty'];
  return {
    method: shape.method,
    id: `${verb}${prefix}${collective}${inNamespace ? 'Namespaced' : ''}${resource.gvk.kind}${shape.suffix ?? ''}`,
    tag: tagOf(resource.gvk.group, resource.gvk.version),
    action: shape.action,
    gvk: shape.gvk ?? resource.gvk,
    parameters: [...shape.parameters, ...path].sort(),
    ...(shape.body === undefined ? {} : { body: shape.body }),
    codes: shape.codes,
    answer: shape.answer,
    stream: shape.stream ?? false,
    custom: frame.custom,
  };
}

function has(frame: Frame, verb: string): boolean {
  return frame.resource.verbs.includes(verb);
}

function listShape(frame: Frame): Shape {
  const stream = has(frame, 'watch');
  return {
    method: 'get',
    verb: 'list',
    action: 'list',
    parameters: LIST_PARAMETERS,
    codes: ['200'],
    answer: frame.list,
    stream,
  };
}

function listEverywhere(frame: Frame): Operation[] {
  if (!has(frame, 'list')) return [];
  return [operation(frame, { ...listShape(frame), everywhere: true, suffix: 'ForAllNamespaces' })];
}

function collection(frame: Frame): Operation[] {
  const operations: Operation[] = [];
  if (has(frame, 'list')) operations.push(operation(frame, listShape(frame)));
  if (has(frame, 'create')) operations.push(operation(frame, createShape(frame.own)));
  if (has(frame, 'deletecollection')) {
    operations.push(
      operation(frame, {
        method: 'delete',
        verb: 'delete Collection',
        action: 'deletecollection',
        parameters: DELETE_COLLECTION_PARAMETERS,
        codes: ['200'],
        answer: `${META}.Status`,
        body: { schema: `${META}.DeleteOptions`, required: false },
      }),
    );
  }
  return operations;
}

function createShape(schema: string): Shape {
  return {
    method: 'post',
    verb: 'create',
    action: 'post',
    parameters: WRITE_PARAMETERS,
    codes: ['200', '201', '202'],
    answer: schema,
    body: { schema, required: true },
  };
}

function getShape(schema: string): Shape {
  return { method: 'get', verb: 'read', action: 'get', parameters: [], codes: ['200'], answer: schema, named: true };
}

function putShape(schema: string): Shape {
  return {
    method: 'put',
    verb: 'replace',
    action: 'put',
    parameters: WRITE_PARAMETERS,
    codes: ['200', '201'],
    answer: schema,
    body: { schema, required: true },
    named: true,
  };
}

function patchShape(schema: string): Shape {
  return {
    method: 'patch',
    verb: 'patch',
    action: 'patch',
    parameters: PATCH_PARAMETERS,
    codes: ['200', '201'],
    answer: schema,
    body: { schema: PATCH_SCHEMA, required: true },
    named: true,
  };
}

function single(frame: Frame): Operation[] {
  const operations: Operation[] = [];
  if (has(frame, 'get')) operations.push(operation(frame, getShape(frame.own)));
  if (has(frame, 'update')) operations.push(operation(frame, putShape(frame.own)));
  if (has(frame, 'delete')) {
    operations.push(
      operation(frame, {
        method: 'delete',
        verb: 'delete',
        action: 'delete',
        parameters: DELETE_PARAMETERS,
        codes: ['200', '202'],
        answer: !frame.custom && DELETE_RETURNS_OBJECT.has(frame.resource.gvk.kind) ? frame.own : `${META}.Status`,
        body: { schema: `${META}.DeleteOptions`, required: false },
        named: true,
      }),
    );
  }
  if (has(frame, 'patch')) operations.push(operation(frame, patchShape(frame.own)));
  return operations;
}

function subresource(frame: Frame, sub: ServedSubresource): Operation[] {
  const own = sub.gvk.kind === frame.resource.gvk.kind ? frame.own : schemaName(sub.gvk);
  const shapes: Shape[] = [];
  if (sub.verbs.includes('get')) shapes.push(getShape(own));
  if (sub.verbs.includes('update')) shapes.push(putShape(own));
  if (sub.verbs.includes('create')) shapes.push({ ...createShape(own), named: true });
  if (sub.verbs.includes('patch')) shapes.push(patchShape(own));
  // For custom resources upstream names the resource's own kind, also for /scale.
  const gvk = frame.custom ? frame.resource.gvk : sub.gvk;
  const suffix = sub.name.split(/[-/]/).map(capitalise).join('');
  return shapes.map((shape) => operation(frame, { ...shape, suffix, gvk }));
}

/** The old watch paths; only built-in resources have them. */
function watchPaths(frame: Frame, root: string): Path[] {
  if (frame.custom || !has(frame, 'watch')) return [];
  const { plural, namespaced } = frame.resource;
  const within = namespaced ? `${root}/watch/namespaces/{namespace}/${plural}` : `${root}/watch/${plural}`;
  const many: Shape = {
    ...listShape(frame),
    verb: 'watch',
    action: 'watchlist',
    answer: `${META}.WatchEvent`,
    suffix: 'List',
  };
  const paths: Path[] = [
    { path: within, operations: [operation(frame, many)] },
    {
      path: `${within}/{name}`,
      operations: [operation(frame, { ...many, action: 'watch', suffix: '', named: true })],
    },
  ];
  if (!namespaced) return paths;
  const everywhere = operation(frame, { ...many, everywhere: true, suffix: 'ListForAllNamespaces' });
  return [{ path: `${root}/watch/${plural}`, operations: [everywhere] }, ...paths];
}
