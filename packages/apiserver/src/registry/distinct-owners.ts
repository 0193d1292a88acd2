import { sortedText } from '@kcp/apimachinery/json/sorted-text';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { AdmissionAttributes } from '../admission/admission.js';
import type { Registry } from './registry.js';
import type { WriteScope } from './write-scope.js';

const TAIL =
  'API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ';

/** Mutating admission, with owners that are named twice put right before and after, as upstream. */
export async function admitDistinct(
  registry: Registry,
  scope: WriteScope,
  attributes: AdmissionAttributes,
): Promise<void> {
  await registry.admission.admit(attributes);
  if (attributes.object !== undefined) {
    distinctOwners(scope, attributes.object, ' after mutating admission happens');
  }
}

/** Drops owner references that stand there twice, with a warning. References that differ in anything are kept. */
export function distinctOwners(scope: WriteScope, { metadata }: KubeObject, when = ''): void {
  const references = metadata.ownerReferences;
  if (references === undefined || references.length < 2) return;
  const distinct = new Map<string, (typeof references)[number]>();
  const repeated: string[] = [];
  for (const reference of references) {
    const text = sortedText({ ...reference });
    if (distinct.has(text)) repeated.push(reference.uid ?? '');
    else distinct.set(text, reference);
  }
  if (repeated.length === 0) return;
  metadata.ownerReferences = [...distinct.values()];
  scope.warn(`.metadata.ownerReferences contains duplicate entries${when}; ${TAIL}${repeated.join(', ')}`);
}
