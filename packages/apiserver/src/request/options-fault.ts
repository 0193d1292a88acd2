import type { FieldError } from '@kcp/apimachinery/errors/field-error';
import { newInvalid } from '@kcp/apimachinery/errors/status-error';

export type OptionsKind = 'ListOptions' | 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions';

/** Throws 422 `ListOptions.meta.k8s.io "" is invalid: …` when there is any fault. */
export function refuseFaults(kind: OptionsKind, faults: readonly FieldError[]): void {
  if (faults.length > 0) throw newInvalid({ group: 'meta.k8s.io', kind }, '', faults);
}
