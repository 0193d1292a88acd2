import type { GroupVersionKind } from '@kcp/apimachinery/meta/resource';
import { nameIsPathSegment } from '@kcp/apimachinery/validation/names';
import type { Strategy } from '../../registry/strategy.js';

export const RBAC_GROUP = 'rbac.authorization.k8s.io';

export function rbacV1(kind: string): GroupVersionKind {
  return { group: RBAC_GROUP, version: 'v1', kind };
}

/** What roles and bindings have in common. */
export const RBAC_RULES: Partial<Strategy> = { validateName: nameIsPathSegment, createOnUpdate: true };
