import { apiVersionOf } from '@kcp/apimachinery/meta/resource';

/** A resource as one logical cluster serves it. */
export interface ServedType {
  readonly group: string;
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** The versions by which it can be asked for; of a built-in the one that its group prefers. */
  readonly versions: readonly string[];
}

/** `configmaps`, `widgets.example.com`: how a definition would be called, and how quotas count it. */
export function typeName({ group, resource }: { readonly group: string; readonly resource: string }): string {
  return group === '' ? resource : `${resource}.${group}`;
}

/** `v1`, `example.com/v1`: as objects of the type say it. */
export function apiVersionOfType({ group, versions }: ServedType): string {
  return apiVersionOf({ group, version: versions[0] ?? '' });
}
