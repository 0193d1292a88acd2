import { type FieldError, forbidden, invalid } from '../errors/field-error.js';
import { goQuote } from '../errors/go-quote.js';
import { qualifiedName } from './names.js';

export const FINALIZER_ORPHAN = 'orphan';
export const FINALIZER_FOREGROUND = 'foregroundDeletion';
/** Stands in `spec.finalizers` of namespaces. */
export const FINALIZER_KUBERNETES = 'kubernetes';

const STANDARD = new Set([FINALIZER_ORPHAN, FINALIZER_FOREGROUND, FINALIZER_KUBERNETES]);

/** Names of finalizers, and that the two ways to delete dependents are not asked for at once. */
export function validateFinalizers(finalizers: readonly string[], field: string): FieldError[] {
  const errors = finalizers.flatMap((name) => qualifiedName(name).map((text) => invalid(field, name, text)));
  if (finalizers.includes(FINALIZER_ORPHAN) && finalizers.includes(FINALIZER_FOREGROUND)) {
    const text = `finalizer ${FINALIZER_ORPHAN} and ${FINALIZER_FOREGROUND} cannot be both set`;
    errors.push(invalid(field, [...finalizers], text));
  }
  return errors;
}

/** Finalizers may only be taken away from an object that is being deleted. */
export function validateNoNewFinalizers(
  finalizers: readonly string[],
  old: readonly string[],
  field: string,
): FieldError[] {
  const known = new Set(old);
  const added = [...new Set(finalizers)].filter((name) => !known.has(name)).sort();
  if (added.length === 0) return [];
  const text = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map(goQuote).join(', ')}}`;
  return [forbidden(field, text)];
}

/**
 * Warnings (not errors) about finalizers of custom resources: a name without a domain may be taken by another
 * writer, too.
 */
export function finalizerWarnings(finalizers: readonly string[], field = 'metadata.finalizers'): string[] {
  return finalizers.flatMap((name) => {
    const warnings = qualifiedName(name).map((text) => `${field}: ${goQuote(name)}: ${text}`);
    if (!name.includes('/') && !STANDARD.has(name)) {
      const including = name.includes('.') ? 'including a path (/) ' : '';
      warnings.push(
        `${field}: ${goQuote(name)}: prefer a domain-qualified finalizer name ${including}to avoid accidental conflicts with other finalizer writers`,
      );
    }
    return warnings;
  });
}
