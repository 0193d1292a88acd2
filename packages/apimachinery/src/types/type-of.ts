import { getOwn, isObject } from '../json/value.js';
import { apiVersionOf, type GroupVersionKind } from '../meta/resource.js';
import { structType } from './struct-type.js';
import { typeTable } from './table.js';
import type { StructType } from './type-ref.js';

/** The built-in type of a kind; undefined when the kind is not built in. Lists and options have types too. */
export function typeOf(gvk: GroupVersionKind): StructType | undefined {
  const kinds = getOwn(typeTable().kinds, apiVersionOf(gvk));
  const type = isObject(kinds) ? getOwn(kinds, gvk.kind) : undefined;
  if (typeof type !== 'string') return undefined;
  return structType(type.includes('.') ? type : `${type}.${gvk.kind}`);
}

/** Every built-in kind, in the order of the table. */
export function builtInKinds(): readonly GroupVersionKind[] {
  return Object.entries(typeTable().kinds).flatMap(([apiVersion, kinds]) => {
    const slash = apiVersion.lastIndexOf('/');
    const group = slash < 0 ? '' : apiVersion.slice(0, slash);
    const version = apiVersion.slice(slash + 1);
    return isObject(kinds) ? Object.keys(kinds).map((kind) => ({ group, version, kind })) : [];
  });
}
