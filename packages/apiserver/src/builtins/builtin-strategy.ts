import { type FieldError, invalid } from '@kcp/apimachinery/errors/field-error';
import type { KubeObject, ObjectMeta } from '@kcp/apimachinery/meta/object';
import { indexPath } from '@kcp/apimachinery/validation/field-path';
import { FINALIZER_FOREGROUND, FINALIZER_KUBERNETES, FINALIZER_ORPHAN } from '@kcp/apimachinery/validation/finalizers';
import { nameIsDnsSubdomain } from '@kcp/apimachinery/validation/names';
import { validateObjectMetaUpdate } from '@kcp/apimachinery/validation/object-meta';
import type { Strategy } from '../registry/strategy.js';

/** What the strategies of most built-in types have in common. */
const PLAIN_STRATEGY: Strategy = {
  validateName: nameIsDnsSubdomain,
  createOnUpdate: false,
  unconditionalUpdate: true,
  generation: 'none',
  deleteReturnsObject: false,
};

/** Which of upstream's two sets of rules judges metadata a second time: that of the old groups, or the general one. */
export type MetadataRules = 'core' | 'general';

/**
 * The strategy of a built-in type or of one of its subresources; `own` states what is special about it. Upstream's
 * built-in types judge metadata once more than the write path does, so that faults of an update are named twice, and
 * those of the old groups know only standard or qualified finalizers.
 */
export function builtinStrategy(own: Partial<Strategy> = {}, metadata: MetadataRules = 'core'): Strategy {
  const finalizers = metadata === 'core' ? finalizerErrors : () => [];
  return {
    ...PLAIN_STRATEGY,
    ...own,
    validateCreate: (object, context) => [
      ...finalizers(object.metadata),
      ...(own.validateCreate?.(object, context) ?? []),
    ],
    validateUpdate: (object, old, context) => [
      ...validateObjectMetaUpdate(object.metadata, old.metadata),
      ...finalizers(object.metadata),
      ...(own.validateUpdate?.(object, old, context) ?? []),
    ],
  };
}

const STANDARD_FINALIZERS: ReadonlySet<string> = new Set([
  FINALIZER_KUBERNETES,
  FINALIZER_ORPHAN,
  FINALIZER_FOREGROUND,
]);

/** Upstream's `validateKubeFinalizerName`. */
export function standardFinalizerErrors(name: string, field: string): FieldError[] {
  if (name.includes('/') || STANDARD_FINALIZERS.has(name)) return [];
  return [invalid(field, name, 'name is neither a standard finalizer name nor is it fully qualified')];
}

function finalizerErrors({ finalizers = [] }: ObjectMeta): FieldError[] {
  return finalizers.flatMap((name, index) => standardFinalizerErrors(name, indexPath('metadata.finalizers', index)));
}

/** For types whose update is judged by the rules of a creation. */
export function sameOnUpdate(validate: (object: KubeObject) => readonly FieldError[]): Partial<Strategy> {
  return { validateCreate: (object) => validate(object), validateUpdate: (object) => validate(object) };
}
