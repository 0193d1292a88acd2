import { type FieldError, invalid } from '@kcp/apimachinery/errors/field-error';
import type { KubeObject, ObjectMeta } from '@kcp/apimachinery/meta/object';
import { indexPath } from '@kcp/apimachinery/validation/field-path';
import { FINALIZER_FOREGROUND, FINALIZER_KUBERNETES, FINALIZER_ORPHAN } from '@kcp/apimachinery/validation/finalizers';
import { type NameValidator, nameIsDnsSubdomain } from '@kcp/apimachinery/validation/names';
import {
  type ObjectMetaRules,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '@kcp/apimachinery/validation/object-meta';
import type { Strategy } from '../registry/strategy.js';

/** What the strategies of most built-in types have in common. */
const PLAIN_STRATEGY: Strategy = {
  validateName: nameIsDnsSubdomain,
  createOnUpdate: false,
  unconditionalUpdate: true,
  generation: 'none',
  deleteReturnsObject: false,
};

/** Which of upstream's two sets of rules judges metadata once more: that of the old groups, or the general one. */
export type MetadataRules = 'core' | 'general';

/** What of the metadata upstream's rules of a type judge once more at an update, in their order. */
export type MetadataJudgement = 'change' | 'whole' | 'change, whole' | 'whole, change';

/**
 * The strategy of a built-in type or of one of its subresources; `own` states what is special about it. Upstream's
 * built-in types judge metadata more often than the write path does, so that faults of an update are named as often,
 * and those of the old groups know only standard or qualified finalizers.
 */
export function builtinStrategy(
  own: Partial<Strategy> = {},
  rules: MetadataRules = 'core',
  judgement: MetadataJudgement = 'change',
): Strategy {
  const finalizers = rules === 'core' ? finalizerErrors : () => [];
  const metadataErrors = metadataJudge(own.validateName ?? PLAIN_STRATEGY.validateName, rules, judgement);
  return {
    ...PLAIN_STRATEGY,
    ...own,
    validateCreate: (object, context) => [
      ...finalizers(object.metadata),
      ...(own.validateCreate?.(object, context) ?? []),
    ],
    validateUpdate: (object, old, context) => [
      ...metadataErrors(object.metadata, old.metadata),
      ...(own.validateUpdate?.(object, old, context) ?? []),
    ],
  };
}

type MetadataJudge = (metadata: ObjectMeta, old: ObjectMeta) => FieldError[];

function metadataJudge(
  nameValidator: NameValidator,
  rules: MetadataRules,
  judgement: MetadataJudgement,
): MetadataJudge {
  const finalizers = rules === 'core' ? finalizerErrors : () => [];
  const judges: Readonly<Record<string, MetadataJudge>> = {
    change: (metadata, old) => [...validateObjectMetaUpdate(metadata, old), ...finalizers(metadata)],
    whole: (metadata) => [...validateObjectMeta(metadata, placed(metadata, nameValidator)), ...finalizers(metadata)],
  };
  const chosen = judgement.split(', ').flatMap((name) => judges[name] ?? []);
  return (metadata, old) => chosen.flatMap((judge) => judge(metadata, old));
}

/** The write path has seen to it that there is a namespace exactly where the type wants one. */
function placed({ namespace }: ObjectMeta, nameValidator: NameValidator): ObjectMetaRules {
  return { namespaced: namespace !== undefined, nameValidator };
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

/** Faults of the finalizers that the old groups do not know. */
export function finalizerErrors({ finalizers = [] }: ObjectMeta): FieldError[] {
  return finalizers.flatMap((name, index) => standardFinalizerErrors(name, indexPath('metadata.finalizers', index)));
}

/** For types whose update is judged by the rules of a creation. */
export function sameOnUpdate(validate: (object: KubeObject) => readonly FieldError[]): Partial<Strategy> {
  return { validateCreate: (object) => validate(object), validateUpdate: (object) => validate(object) };
}
