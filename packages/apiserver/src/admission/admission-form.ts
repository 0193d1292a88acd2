import { deepClone, isObject, type JsonObject, type JsonValue } from '@kcp/apimachinery/json/value';
import { DEDUCED, type MergeType } from '@kcp/apimachinery/merge-type/merge-type';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { GroupVersionKind } from '@kcp/apimachinery/meta/resource';
import { mergeTypeOf } from '@kcp/apimachinery/types/merge-type-of';
import { decodeBuiltin } from '../builtins/builtin-type.js';
import type { ResourceType, Subresource } from '../registry/resource-type.js';

/**
 * How an endpoint's objects look to admission: `scale` is asked about Scales, `token` about TokenRequests, everything
 * else about the object itself in the version of `type`.
 */
export interface AdmissionForm {
  readonly type: ResourceType;
  readonly kind: GroupVersionKind;
  mergeType(): MergeType;
  /** The object of the write path, which is in the version of `from`. The result must not be changed. */
  show(object: KubeObject, from: ResourceType): Promise<KubeObject> | KubeObject;
  /** What was shown, changed by admission, as an object of the write path; `before` is what it replaces. */
  takeBack(changed: JsonObject, before: KubeObject, from: ResourceType): Promise<KubeObject> | KubeObject;
}

/** The form of `type` at a subresource (empty for the object itself). */
export function admissionForm(type: ResourceType, subresource: string): AdmissionForm {
  const below = type.subresources.get(subresource);
  if (below === undefined || below.form === 'update') return objectForm(type);
  const kind = below.kind ?? type.gvk;
  return below.form === 'projected' ? projectedForm(type, below, kind) : bodyForm(type, kind);
}

function objectForm(type: ResourceType): AdmissionForm {
  const { codec } = type;
  return {
    type,
    kind: type.gvk,
    mergeType: () => type.mergeType(),
    show(object, from) {
      if (codec.remote !== undefined) return from === type ? object : first(codec.remote.bring([deepClone(object)]));
      return codec.sameAsStorage && type.origin === 'builtin' ? object : codec.fromStorage(deepClone(object));
    },
    takeBack(changed, _before, from) {
      const { object } = codec.decode(changed);
      const { remote } = from.codec;
      return remote === undefined || from === type ? object : first(remote.bring([object]));
    },
  };
}

function projectedForm(
  type: ResourceType,
  below: Extract<Subresource, { form: 'projected' }>,
  kind: GroupVersionKind,
): AdmissionForm {
  return {
    type,
    kind,
    mergeType: below.mergeType,
    show(object) {
      const shown = below.project(deepClone(object));
      const { resourceVersion } = object.metadata;
      if (resourceVersion !== undefined) shown.metadata.resourceVersion = resourceVersion;
      return shown;
    },
    takeBack(changed, before) {
      const next = deepClone(before);
      below.inject(below.decode(changed).object, next);
      return next;
    },
  };
}

function bodyForm(type: ResourceType, kind: GroupVersionKind): AdmissionForm {
  return {
    type,
    kind,
    mergeType: () => mergeTypeOf(kind) ?? DEDUCED,
    show: (object) => object,
    takeBack: (changed) => decodeBuiltin(kind, changed).object,
  };
}

async function first(objects: Promise<KubeObject[]>): Promise<KubeObject> {
  const [object] = await objects;
  if (object === undefined) throw new TypeError('a conversion returns as many objects as it is given');
  return object;
}

/** Puts the members of `source` into `target`, which others hold on to. */
export function replaceContents(target: KubeObject, source: KubeObject): void {
  for (const name of Object.keys(target)) if (!Object.hasOwn(source, name)) delete target[name];
  Object.assign(target, source);
}

/** A patched document must still be an object. */
export function asDocument(value: JsonValue): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}
