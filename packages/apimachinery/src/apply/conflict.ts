import { goQuote } from '../errors/go-quote.js';
import { newApplyConflict, type StatusCause, type StatusError } from '../errors/status-error.js';
import { type FieldSet, pathsOf, pathText } from './field-set.js';
import { identityText, type ManagerEntry } from './managed-fields.js';
import { compareNames } from './path-element.js';

/** What an applier wants to change and another manager has. */
export interface Conflict {
  readonly owner: ManagerEntry;
  readonly fields: FieldSet;
}

/** The 409 with a cause per field; kubectl reads its text (upstream `managedfields/internal/conflict.go`). */
export function conflictError(conflicts: readonly Conflict[]): StatusError {
  const sorted = [...conflicts].sort((a, b) => compareNames(identityText(a.owner), identityText(b.owner)));
  const causes: StatusCause[] = [];
  const lines: string[] = [];
  for (const { owner, fields } of sorted) {
    const name = ownerText(owner);
    lines.push(`conflicts with ${name}:`);
    for (const path of pathsOf(fields)) {
      const field = pathText(path);
      causes.push({ reason: 'FieldManagerConflict', message: `conflict with ${name}`, field });
      lines.push(`- ${field}`);
    }
  }
  const [only] = causes;
  const single = causes.length === 1 && only !== undefined;
  const text = single
    ? `Apply failed with 1 conflict: ${only.message}: ${only.field}`
    : `Apply failed with ${causes.length} conflicts: ${lines.join('\n')}`;
  return newApplyConflict(causes, text);
}

function ownerText({ manager, operation, apiVersion, subresource }: ManagerEntry): string {
  const within = subresource === '' ? '' : ` with subresource ${goQuote(subresource)}`;
  const using = operation === 'Update' ? ` using ${apiVersion}` : '';
  return `${goQuote(manager)}${within}${using}`;
}
