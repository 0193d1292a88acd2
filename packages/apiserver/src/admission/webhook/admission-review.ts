import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { WebhookCallError } from '../../webhook/call-error.js';
import { apiVersionOfReview, type ReviewKind } from '../../webhook/review-answer.js';
import type { AdmissionAttributes } from '../admission.js';
import { admissionRequest } from '../admission-request.js';
import type { VersionedPair } from '../versioned-objects.js';
import type { Invocation } from './match-webhook.js';

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
  const { object = null, old = null } = objects;
  const known = admissionRequest(invocation, attributes);
  const request = { uid, ...known, object, oldObject: old, options: attributes.options };
  return { uid, kind, review: { kind: kind.kind, apiVersion: apiVersionOfReview(kind), request } };
}
