import { type FieldError, invalid, required } from '../errors/field-error.js';
import { getOwn, type JsonObject } from '../json/value.js';
import { readObject, readString } from '../schema/read.js';

export const API_APPROVED_ANNOTATION = 'api-approved.kubernetes.io';
const FIELD = `metadata.annotations[${API_APPROVED_ANNOTATION}]`;
const SEE = 'see https://github.com/kubernetes/enhancements/pull/1111';

/** What the approval annotation of a definition says; texts as upstream's. */
export interface ApiApproval {
  readonly state: 'missing' | 'invalid' | 'approved' | 'bypassed';
  readonly reason: string;
}

/** Groups that belong to the Kubernetes community. */
export function isProtectedGroup(group: string): boolean {
  return ['k8s.io', 'kubernetes.io'].some((domain) => group === domain || group.endsWith(`.${domain}`));
}

/** Reads the approval annotation. */
export function apiApproval(crd: JsonObject): ApiApproval {
  const value = annotationOf(crd);
  if (value === '') {
    return {
      state: 'missing',
      reason: `protected groups must have approval annotation "${API_APPROVED_ANNOTATION}", ${SEE}`,
    };
  }
  if (value.startsWith('unapproved')) return { state: 'bypassed', reason: `not approved: ${JSON.stringify(value)}` };
  if (/^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^/?#\s]+/.test(value))
    return { state: 'approved', reason: `approved in ${value}` };
  return {
    state: 'invalid',
    reason: `protected groups must have approval annotation "${API_APPROVED_ANNOTATION}" with either a URL or a reason starting with "unapproved", ${SEE}`,
  };
}

/** Protected groups need an approval; an update that leaves its state as it was is let through. */
export function validateApiApproval(crd: JsonObject, old: JsonObject | undefined): FieldError[] {
  if (!isProtectedGroup(readString(readObject(crd, 'spec') ?? {}, 'group'))) return [];
  const { state, reason } = apiApproval(crd);
  if (state === 'approved' || state === 'bypassed') return [];
  if (old !== undefined && apiApproval(old).state === state) return [];
  return [state === 'missing' ? required(FIELD, reason) : invalid(FIELD, annotationOf(crd), reason)];
}

function annotationOf(crd: JsonObject): string {
  const annotations = readObject(readObject(crd, 'metadata') ?? {}, 'annotations') ?? {};
  const value = getOwn(annotations, API_APPROVED_ANNOTATION);
  return typeof value === 'string' ? value : '';
}
