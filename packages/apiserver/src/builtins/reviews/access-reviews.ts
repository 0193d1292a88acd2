import { type FieldError, invalid } from '@kcp/apimachinery/errors/field-error';
import { newBadRequest } from '@kcp/apimachinery/errors/status-error';
import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readString, readStrings } from '@kcp/apimachinery/schema/read';
import type { UserInfo } from '../../authn/user.js';
import type { Authorizer } from '../../authz/authorizer.js';
import type { ResourceType, ReviewContext } from '../../registry/resource-type.js';
import { attributesErrors, attributesOfSpec, dumpOfPath, selectorErrors } from './resource-attributes.js';
import { metadataErrors, refuseFaults, reviewType } from './review-type.js';
import { unreadableSelectors } from './selector-readability.js';

export const AUTHORIZATION = { group: 'authorization.k8s.io' };
const EMPTY = 'must be empty';

/** The types that ask whether somebody may do something. */
export function accessReviews(authorizer: Authorizer): ResourceType[] {
  const kind = (name: string, faults: (question: KubeObject) => FieldError[], own: Partial<Own> = {}): ResourceType =>
    reviewType({
      ...AUTHORIZATION,
      kind: name,
      namespaced: own.namespaced === true,
      answer(question, context) {
        refuseFaults(AUTHORIZATION, faults(question));
        if (own.namespaced && context.namespace === '') throw newBadRequest('namespace is required on this type: ');
        return answer(authorizer, question, own.self ? context.user : subjectOf(specOf(question)), context);
      },
    });
  return [
    kind('LocalSubjectAccessReview', localErrors, { namespaced: true }),
    kind('SelfSubjectAccessReview', selfErrors, { self: true }),
    kind('SubjectAccessReview', subjectErrors),
  ];
}

interface Own {
  readonly namespaced: boolean;
  /** About the user who asks. */
  readonly self: boolean;
}

function specOf(question: KubeObject): JsonObject {
  return readObject(question, 'spec') ?? {};
}

async function answer(
  authorizer: Authorizer,
  question: KubeObject,
  user: UserInfo,
  context: ReviewContext,
): Promise<KubeObject> {
  const spec = specOf(question);
  const { decision, reason } = await authorizer.authorize(attributesOfSpec(spec, user, context.cluster));
  const unreadable = unreadableSelectors(spec).join('; ');
  const status: JsonObject = { allowed: decision === 'allow' };
  if (decision === 'deny') status.denied = true;
  if (reason !== '') status.reason = reason;
  if (unreadable !== '') status.evaluationError = unreadable;
  return { ...question, status };
}

/** The user a review names. Nobody is added to groups: the question is about exactly these. */
function subjectOf(spec: JsonObject): UserInfo {
  const extra = readObject(spec, 'extra') ?? {};
  return {
    name: readString(spec, 'user'),
    uid: readString(spec, 'uid'),
    groups: readStrings(spec, 'groups'),
    extra: Object.fromEntries(Object.keys(extra).map((key) => [key, readStrings(extra, key)])),
  };
}

function subjectErrors(question: KubeObject): FieldError[] {
  return [...subjectSpecErrors(specOf(question)), ...metadataErrors(question.metadata, [], EMPTY)];
}

function selfErrors(question: KubeObject): FieldError[] {
  const spec = specOf(question);
  return [...attributesErrors(spec), ...selectorErrors(spec), ...metadataErrors(question.metadata, [], EMPTY)];
}

function subjectSpecErrors(spec: JsonObject): FieldError[] {
  const errors = attributesErrors(spec);
  if (readString(spec, 'user') === '' && readStrings(spec, 'groups').length === 0) {
    errors.push(invalid('spec.user', '', 'at least one of user or group must be specified'));
  }
  return [...errors, ...selectorErrors(spec)];
}

function localErrors(question: KubeObject): FieldError[] {
  const { resourceAttributes, nonResourceAttributes } = specOf(question);
  const errors = [
    ...subjectSpecErrors(specOf(question)),
    ...metadataErrors(question.metadata, ['namespace'], 'must be empty except for namespace'),
  ];
  const namespace = isObject(resourceAttributes) ? readString(resourceAttributes, 'namespace') : undefined;
  if (namespace !== undefined && namespace !== (question.metadata.namespace ?? '')) {
    errors.push(invalid('spec.resourceAttributes.namespace', namespace, 'must match metadata.namespace'));
  }
  if (isObject(nonResourceAttributes)) {
    const text = 'disallowed on this kind of request';
    errors.push(invalid('spec.nonResourceAttributes', dumpOfPath(nonResourceAttributes), text));
  }
  return errors;
}
