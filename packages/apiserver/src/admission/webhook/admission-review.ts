import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { UserInfo } from '../../authn/user.js';
import { WebhookCallError } from '../../webhook/call-error.js';
import { apiVersionOfReview, type ReviewKind } from '../../webhook/review-answer.js';
import type { AdmissionAttributes } from '../admission.js';
import { admissionForm } from '../admission-form.js';
import type { VersionedPair } from '../versioned-objects.js';
import { type Invocation, resourceOf } from './match-webhook.js';

/** An AdmissionReview to be sent. */
export interface AdmissionQuestion {
  readonly uid: string;
  readonly kind: ReviewKind;
  readonly review: JsonObject;
}

/** Makes the review in the first version that the webhook knows. Throws WebhookCallError when it knows none. */
export function admissionQuestion(
  invocation: Invocation,
  attributes: AdmissionAttributes,
  objects: VersionedPair,
): AdmissionQuestion {
  const version = invocation.webhook.reviewVersions.find((each) => each === 'v1' || each === 'v1beta1');
  if (version === undefined) {
    const why = 'webhook does not accept known AdmissionReview versions (v1, v1beta1)';
    throw new WebhookCallError(`could not create admission objects: ${why}`);
  }
  const kind: ReviewKind = { group: 'admission.k8s.io', version, kind: 'AdmissionReview' };
  const uid = randomUUID();
  const request = requestOf(uid, invocation, attributes, objects);
  return { uid, kind, review: { kind: kind.kind, apiVersion: apiVersionOfReview(kind), request } };
}

/** Empty texts are left out, absent objects are null, as upstream's encoder has it. */
function requestOf(
  uid: string,
  { form, resource }: Invocation,
  attributes: AdmissionAttributes,
  { object, old }: VersionedPair,
): JsonObject {
  const { type, subresource, name, namespace, operation, user, dryRun, options } = attributes;
  return {
    uid,
    kind: { ...form.kind },
    resource: { ...resource },
    ...named('subResource', subresource),
    requestKind: { ...admissionForm(type, subresource).kind },
    requestResource: { ...resourceOf(type) },
    ...named('requestSubResource', subresource),
    ...named('name', name),
    ...named('namespace', namespace),
    operation,
    userInfo: userInfo(user),
    object: object ?? null,
    oldObject: old ?? null,
    dryRun,
    options,
  };
}

function userInfo({ name, uid, groups, extra }: UserInfo): JsonObject {
  const more: [string, string[]][] = Object.entries(extra).map(([key, values]): [string, string[]] => [
    key,
    [...values],
  ]);
  return {
    ...named('username', name),
    ...named('uid', uid),
    ...(groups.length === 0 ? {} : { groups: [...groups] }),
    ...(more.length === 0 ? {} : { extra: Object.fromEntries(more) }),
  };
}

function named(name: string, value: string): JsonObject {
  return value === '' ? {} : { [name]: value };
}
