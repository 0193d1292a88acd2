import { type FieldError, forbidden, notSupported } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readNumber, readObject, readString } from '@kcp/apimachinery/schema/read';
import { templateErrors } from '../pod/validate-pod.js';

/** Faults of a template whose pods run until somebody ends them. */
export function workloadTemplateErrors(spec: JsonObject): FieldError[] {
  const template = readObject(spec, 'template') ?? {};
  const pod = readObject(template, 'spec') ?? {};
  const errors = templateErrors(template, 'spec.template');
  const policy = readString(pod, 'restartPolicy');
  if (policy !== 'Always') errors.push(notSupported('spec.template.spec.restartPolicy', policy, ['Always']));
  if (readNumber(pod, 'activeDeadlineSeconds') !== undefined) {
    errors.push(
      forbidden('spec.template.spec.activeDeadlineSeconds', 'activeDeadlineSeconds in ReplicaSet is not Supported'),
    );
  }
  return errors;
}
