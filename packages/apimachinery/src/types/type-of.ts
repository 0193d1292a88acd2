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

/** The kinds under which a type is published in OpenAPI documents: those of its own group. */
export function publishedKinds(type: StructType): readonly GroupVersionKind[] {
  byType ??= groupByType();
  return byType.get(type) ?? [];
}

let byType: ReadonlyMap<StructType, readonly GroupVersionKind[]> | undefined;

function groupByType(): ReadonlyMap<StructType, readonly GroupVersionKind[]> {
  const groups = new Map<StructType, GroupVersionKind[]>();
  for (const gvk of builtInKinds()) {
    const type = gvk.group === 'meta.k8s.io' ? undefined : typeOf(gvk);
    if (type !== undefined) groups.set(type, [...(groups.get(type) ?? []), gvk]);
  }
  return groups;
}
