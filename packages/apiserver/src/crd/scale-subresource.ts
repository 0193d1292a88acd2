import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import { newBadRequest, newInternalError } from '@kcp/apimachinery/errors/status-error';
import { getOwn, isNumber, isObject, type JsonObject, type JsonValue, setOwn } from '@kcp/apimachinery/json/value';
import { SCALAR } from '@kcp/apimachinery/merge-type/merge-type';
import type { KubeObject, ObjectMeta } from '@kcp/apimachinery/meta/object';
import { readString } from '@kcp/apimachinery/schema/read';
import { mergeTypeOf } from '@kcp/apimachinery/types/merge-type-of';
import { decodeBuiltin } from '../builtins/builtin-type.js';
import type { ProjectedSubresource } from '../registry/resource-type.js';
import type { Strategy } from '../registry/strategy.js';
import type { VersionSchema } from './version-schema.js';

const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale' };
const SHOWN_METADATA = ['name', 'namespace', 'uid', 'creationTimestamp'] as const;

/** `autoscaling/v1` Scale over the paths that the definition names. `scale` is `subresources.scale` of the version. */
export function scaleSubresource(schema: VersionSchema, scale: JsonObject, main: Strategy): ProjectedSubresource {
  const specPath = namesIn(readString(scale, 'specReplicasPath'));
  const statusPath = namesIn(readString(scale, 'statusReplicasPath'));
  const selectorPath = namesIn(readString(scale, 'labelSelectorPath'));
  return {
    form: 'projected',
    kind: SCALE,
    verbs: new Set(['get', 'patch', 'update']),
    strategy: main,
    mergeType: () => mergeTypeOf(SCALE) ?? SCALAR,
    decode: (value) => decodeBuiltin(SCALE, value),
    check: (stored) => refuseMissing(schema.restore(stored), readString(scale, 'specReplicasPath')),
    checkPatched: (projection, stored) => {
      const given = isObject(projection.spec) ? projection.spec.replicas : undefined;
      if (given === undefined && valueAt(schema.restore(stored), specPath) === undefined) throw emptyReplicas(scale);
    },
    project: (stored) => projected(schema.restore(stored), specPath, statusPath, selectorPath),
    fields: (projection) => {
      const replicas = isObject(projection.spec) ? projection.spec.replicas : undefined;
      const fields: JsonObject = {};
      if (replicas !== undefined) setAt(fields, specPath, replicas);
      return fields;
    },
    inject: (projection, stored) => {
      const object = schema.restore(stored);
      const replicas = isObject(projection.spec) ? projection.spec.replicas : undefined;
      setAt(object, specPath, replicas ?? 0);
      schema.toStorage(object);
      return [];
    },
  };
}

function refuseMissing(object: KubeObject, specReplicasPath: string): void {
  if (valueAt(object, namesIn(specReplicasPath)) !== undefined) return;
  throw newInternalError(`the spec replicas field ${goQuote(specReplicasPath)} does not exist`);
}

function emptyReplicas(scale: JsonObject): Error {
  return newBadRequest(`the spec replicas field ${goQuote(readString(scale, 'specReplicasPath'))} cannot be empty`);
}

type Path = readonly string[];

function projected(object: KubeObject, specPath: Path, statusPath: Path, selectorPath: Path): KubeObject {
  const selector = valueAt(object, selectorPath);
  return {
    kind: SCALE.kind,
    apiVersion: 'autoscaling/v1',
    metadata: shownMetadata(object.metadata),
    spec: replicasOf(object, specPath),
    status: {
      replicas: replicasOf(object, statusPath).replicas ?? 0,
      ...(typeof selector === 'string' && selector !== '' ? { selector } : {}),
    },
  };
}

/** `.spec.replicas` to its names; a definition allows no other notation here. */
function namesIn(path: string): readonly string[] {
  return path === '' ? [] : path.replace(/^\./, '').split('.');
}

function shownMetadata(metadata: ObjectMeta): ObjectMeta {
  const shown: ObjectMeta = {};
  for (const name of SHOWN_METADATA) {
    const value = metadata[name];
    if (value !== undefined) Object.assign(shown, { [name]: value });
  }
  return shown;
}

/** A count of 0 is left out, as in upstream's encoding. */
function replicasOf(object: KubeObject, path: readonly string[]): { replicas?: number | bigint } {
  const value = valueAt(object, path);
  return isNumber(value) && value > 0 ? { replicas: value } : {};
}

function valueAt(object: JsonObject, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = path.length === 0 ? undefined : object;
  for (const name of path) value = isObject(value) ? getOwn(value, name) : undefined;
  return value;
}

/** Makes the objects on the way. */
function setAt(object: JsonObject, path: readonly string[], value: JsonValue): void {
  let holder = object;
  for (const name of path.slice(0, -1)) {
    let inner = getOwn(holder, name);
    if (!isObject(inner)) {
      inner = {};
      setOwn(holder, name, inner);
    }
    holder = inner;
  }
  const last = path.at(-1);
  if (last !== undefined) setOwn(holder, last, value);
}
