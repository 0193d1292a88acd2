import type { AdmissionAttributes } from './admission.js';

const CONFIGURATION_KINDS: ReadonlySet<string> = new Set([
  'ValidatingWebhookConfiguration',
  'MutatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
]);

/** What configures admission is never subject to it, or a wrong configuration could not be taken back. */
export function configuresAdmission({ type }: Pick<AdmissionAttributes, 'type'>): boolean {
  return type.gvk.group === 'admissionregistration.k8s.io' && CONFIGURATION_KINDS.has(type.gvk.kind);
}

/** Policies are not asked about what configures admission, nor about questions that nobody stores. */
export function exemptFromPolicies(attributes: Pick<AdmissionAttributes, 'type'>): boolean {
  return configuresAdmission(attributes) || attributes.type.backing.kind === 'review';
}
