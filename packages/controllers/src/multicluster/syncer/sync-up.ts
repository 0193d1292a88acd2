import { getOwn, isObject, type JsonObject, type JsonValue, setOwn } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject } from '@kcp/apimachinery/schema/read';
import { ObjectFault } from '../object-fault.js';
import { SYNC_UP_ANNOTATION } from '../sync-names.js';
import { SYNC_UP_PATHS_MAX } from './limits.js';

/** Members one within the other, from the object on. */
export type FieldPath = readonly string[];

const PATH = /^spec(\.[A-Za-z0-9_-]+)+$/;

/** The fields that the physical cluster may change. Throws ObjectFault for what is no path to a member of the spec. */
export function syncUpPaths({ metadata }: KubeObject): readonly FieldPath[] {
  const text = metadata.annotations?.[SYNC_UP_ANNOTATION] ?? '';
  const paths = text.split(',').map((path) => path.trim());
  const told = paths.filter((path) => path !== '');
  const wrong = told.find((path) => !PATH.test(path));
  if (wrong !== undefined || told.length > SYNC_UP_PATHS_MAX) {
    const why = wrong === undefined ? `more than ${SYNC_UP_PATHS_MAX} paths` : `"${wrong}" is no path within spec`;
    throw new ObjectFault('InvalidSyncUp', `annotation ${SYNC_UP_ANNOTATION}: ${why}`);
  }
  return told.map((path) => path.split('.'));
}

export function valueAt(object: JsonObject, path: FieldPath): JsonValue | undefined {
  let value: JsonValue | undefined = object;
  for (const name of path) value = isObject(value) ? getOwn(value, name) : undefined;
  return value;
}

/** A copy without the field. */
export function withoutField(object: JsonObject, [name, ...rest]: FieldPath): JsonObject {
  if (name === undefined) return object;
  const { [name]: member, ...others } = object;
  if (rest.length === 0 || !isObject(member)) return rest.length === 0 ? others : object;
  return { ...object, [name]: withoutField(member, rest) };
}

/** The object that has nothing but this field: a merge patch of it. */
export function onlyField(path: FieldPath, value: JsonValue): JsonObject {
  const [name, ...rest] = path;
  const object: JsonObject = {};
  if (name !== undefined) setOwn(object, name, rest.length === 0 ? value : onlyField(rest, value));
  return object;
}

/** True when a manager's apply is the last that has set the field. */
export function isAppliedBy({ metadata }: KubeObject, manager: string, path: FieldPath): boolean {
  return (metadata.managedFields ?? []).some((entry) => {
    if (entry.manager !== manager || entry.operation !== 'Apply' || entry.subresource) return false;
    let fields: JsonObject | undefined = entry.fieldsV1;
    for (const name of path) fields = fields && readObject(fields, `f:${name}`);
    return fields !== undefined;
  });
}
