import { deepEqual } from '@kcp/apimachinery/json/value';
import type { KubeObject, OwnerReference } from '@kcp/apimachinery/meta/object';

const ADVICE =
  'API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed:';

/** Leaves each owner reference once and warns whoever sent it twice, or about what admission made of it. */
export function keepOwnersDistinct(
  { metadata }: KubeObject,
  warn: (text: string) => void,
  when: 'sent' | 'admitted',
): void {
  const { ownerReferences } = metadata;
  if (ownerReferences === undefined || ownerReferences.length < 2) return;
  const distinct: OwnerReference[] = [];
  const repeated = new Set<string>();
  for (const reference of ownerReferences) {
    if (distinct.some((known) => deepEqual(known, reference))) repeated.add(reference.uid);
    else distinct.push(reference);
  }
  if (repeated.size === 0) return;
  metadata.ownerReferences = distinct;
  const whence = when === 'admitted' ? ' after mutating admission happens' : '';
  warn(`.metadata.ownerReferences contains duplicate entries${whence}; ${ADVICE} ${[...repeated].join(', ')}`);
}
