import { newForbidden, type StatusError } from '@kcp/apimachinery/errors/status-error';
import { resourceName } from '../registry/write-scope.js';
import type { AdmissionAttributes } from './admission.js';

/** 403 about the object of a write, as upstream's `admission.NewForbidden` names it. */
export function admissionForbidden(attributes: AdmissionAttributes, why: string): StatusError {
  return newForbidden(resourceName(attributes.type), subjectName(attributes), why);
}

/** A name that is yet to be made is told by its beginning. */
function subjectName({ name, object }: AdmissionAttributes): string {
  if (name !== '') return name;
  return object?.metadata.name || object?.metadata.generateName || 'Unknown';
}
