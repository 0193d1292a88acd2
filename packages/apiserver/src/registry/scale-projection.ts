import type { FieldError } from '@kcp/apimachinery/errors/field-error';
import { getOwn, isNumber, isObject, type JsonObject, type JsonValue, setOwn } from '@kcp/apimachinery/json/value';
import { SCALAR } from '@kcp/apimachinery/merge-type/merge-type';
import type { KubeObject, ObjectMeta } from '@kcp/apimachinery/meta/object';
import { mergeTypeOf } from '@kcp/apimachinery/types/merge-type-of';
import { decodeBuiltin } from '../builtins/builtin-type.js';
import type { ProjectedSubresource } from './resource-type.js';
import type { Strategy } from './strategy.js';

const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale' };
const SHOWN_METADATA = ['name', 'namespace', 'uid', 'creationTimestamp'] as const;

/** Where the parts of a Scale are in an object of some type. */
export interface ScaleSource {
  readonly specReplicas: readonly string[];
  readonly statusReplicas: readonly string[];
  /** The selector of the scaled pods as text; empty when there is none. */
  selector(object: KubeObject): string;
  /** The main endpoint's. */
  readonly strategy: Strategy;
  /** From what is stored to what the paths lead through, and back in place; absent: the same. */
  readonly restore?: (stored: KubeObject) => KubeObject;
  readonly store?: (object: KubeObject) => void;
  /** Throws for an object that cannot be scaled. */
  readonly check?: (object: KubeObject) => void;
  /** What is wrong with a patch that leaves no number where there was none. */
  readonly whenEmpty?: () => Error;
  /** Faults of a projection that must not reach the object. */
  readonly validate?: (projection: KubeObject) => readonly FieldError[];
}

/** `autoscaling/v1` Scale over a part of an object. */
export function scaleProjection(source: ScaleSource): ProjectedSubresource {
  const restore = source.restore ?? ((stored) => stored);
  return {
    form: 'projected',
    kind: SCALE,
    verbs: new Set(['get', 'patch', 'update']),
    strategy: source.strategy,
    mergeType: () => mergeTypeOf(SCALE) ?? SCALAR,
    decode: (value) => decodeBuiltin(SCALE, value),
    ...(source.check === undefined ? {} : { check: (stored) => source.check?.(restore(stored)) }),
    checkPatched: (projection, stored) => {
      const missing =
        replicasIn(projection) === undefined && valueAt(restore(stored), source.specReplicas) === undefined;
      if (missing && source.whenEmpty !== undefined) throw source.whenEmpty();
    },
    project(stored) {
      const object = restore(stored);
      const selector = source.selector(object);
      return {
        kind: SCALE.kind,
        apiVersion: 'autoscaling/v1',
        metadata: shownMetadata(object.metadata),
        spec: replicasOf(object, source.specReplicas),
        status: {
          replicas: replicasOf(object, source.statusReplicas).replicas ?? 0,
          ...(selector === '' ? {} : { selector }),
        },
      };
    },
    fields: (projection) => {
      const replicas = replicasIn(projection);
      const fields: JsonObject = {};
      if (replicas !== undefined) setAt(fields, source.specReplicas, replicas);
      return fields;
    },
    inject(projection, stored) {
      const faults = source.validate?.(projection) ?? [];
      if (faults.length > 0) return faults;
      const object = restore(stored);
      setAt(object, source.specReplicas, replicasIn(projection) ?? 0);
      source.store?.(object);
      return [];
    },
  };
}

function replicasIn(projection: KubeObject): JsonValue | undefined {
  return isObject(projection.spec) ? projection.spec.replicas : undefined;
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

export function valueAt(object: JsonObject, path: readonly string[]): JsonValue | undefined {
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
