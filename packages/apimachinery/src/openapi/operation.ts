import type { GroupVersionKind } from '../meta/resource.js';

export type Method = 'get' | 'put' | 'post' | 'delete' | 'patch';

/** One operation of a path, before it is written in one of the two formats. */
export interface Operation {
  readonly method: Method;
  readonly id: string;
  readonly tag: string;
  readonly action?: string;
  readonly gvk?: GroupVersionKind;
  /** Names of parameters in the query and the path, sorted. */
  readonly parameters: readonly string[];
  readonly body?: { readonly schema: string; readonly required: boolean };
  /** Status codes of success and the name of the schema that they answer with. */
  readonly codes: readonly string[];
  readonly answer: string;
  /** The answer may be a stream of watch events. */
  readonly stream: boolean;
  /** A custom resource: no protobuf, no strategic merge patch. */
  readonly custom: boolean;
  /** Answers in JSON and nothing else (`/version`). */
  readonly jsonOnly?: boolean;
}

export interface Path {
  readonly path: string;
  readonly operations: readonly Operation[];
}

export const PATCH_SCHEMA = 'io.k8s.apimachinery.pkg.apis.meta.v1.Patch';

/** Media types that the operation answers with. */
export function producedTypes(operation: Operation): readonly string[] {
  if (operation.jsonOnly === true) return ['application/json'];
  const plain = operation.custom
    ? ['application/json', 'application/yaml']
    : ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
  if (!operation.stream) return plain;
  return [...plain, 'application/json;stream=watch', ...(operation.custom ? [] : [PROTOBUF_STREAM])];
}

const PROTOBUF_STREAM = 'application/vnd.kubernetes.protobuf;stream=watch';

/** Media types that the operation takes. */
export function consumedTypes(operation: Operation): readonly string[] {
  if (operation.action === undefined) return producedTypes(operation);
  if (operation.method === 'patch') return operation.custom ? CUSTOM_PATCHES : PATCHES;
  return operation.custom && operation.body !== undefined ? ['application/json', 'application/yaml'] : ['*/*'];
}

const PATCHES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];
const CUSTOM_PATCHES = PATCHES.filter((type) => !type.includes('strategic'));

/** Parameters that all operations of the path share; they are written once, at the path. */
export function commonParameters(path: Path): readonly string[] {
  const [first, ...others] = path.operations;
  return first === undefined
    ? []
    : first.parameters.filter((name) => others.every((operation) => operation.parameters.includes(name)));
}
