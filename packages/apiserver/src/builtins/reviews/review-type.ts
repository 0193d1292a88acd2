import { type FieldError, invalid } from '@kcp/apimachinery/errors/field-error';
import { newBadRequest, newInvalid } from '@kcp/apimachinery/errors/status-error';
import type { KubeObject, ObjectMeta } from '@kcp/apimachinery/meta/object';
import type { GroupVersionKind } from '@kcp/apimachinery/meta/resource';
import type { ResourceType, ReviewContext } from '../../registry/resource-type.js';
import { builtinType } from '../builtin-type.js';

/** What a review is, as its own file states it. */
export interface ReviewSpec {
  readonly group: string;
  readonly kind: string;
  readonly namespaced?: boolean;
  answer(question: KubeObject, context: ReviewContext): Promise<KubeObject> | KubeObject;
}

/** A type whose objects are asked, answered and forgotten. */
export function reviewType({ group, kind, namespaced = false, answer }: ReviewSpec): ResourceType {
  return builtinType({
    gvk: { group, version: 'v1', kind },
    plural: `${kind.toLowerCase()}s`,
    namespaced,
    verbs: ['create'],
    backing: {
      kind: 'review',
      answer: (question, context) => answer(placed(question, context.namespace), context),
    },
  });
}

/** The namespace of the URL is that of the question. Throws 400 where the body names another. */
function placed(question: KubeObject, namespace: string): KubeObject {
  const { namespace: own = '', ...metadata } = question.metadata;
  if (own !== '' && namespace !== '' && own !== namespace) {
    throw newBadRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  return { ...question, metadata: namespace === '' ? metadata : { ...metadata, namespace } };
}

/** A fault unless metadata holds nothing but what `allowed` names and what the server itself put there. */
export function metadataErrors(metadata: ObjectMeta, allowed: readonly string[], text: string): FieldError[] {
  const known = new Set(['managedFields', 'creationTimestamp', ...allowed]);
  const fine = Object.entries(metadata).every(([name, value]) => known.has(name) || value === undefined);
  return fine && !metadata.creationTimestamp ? [] : [invalid('metadata', metadata, text)];
}

/** Throws 422 for faults of a question, which upstream reports without a kind. */
export function refuseFaults({ group }: Pick<GroupVersionKind, 'group'>, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw newInvalid({ group, kind: '' }, '', errors);
}
