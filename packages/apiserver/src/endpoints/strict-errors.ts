import { UndecodableError } from '@kcp/apimachinery/codec/decode-context';
import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import { newBadRequest } from '@kcp/apimachinery/errors/status-error';
import { eachMember } from '@kcp/apimachinery/json/parse-exactly';
import type { GroupVersionKind } from '@kcp/apimachinery/meta/resource';
import type { Warnings } from '../handler/warnings.js';
import type { FieldValidation } from '../request/write-options.js';
import type { DecodedBody } from './decode-body.js';

/** What strict decoding says of a member that stands twice, and of one that nobody knows. */
export const duplicateField = (path: string): string => `duplicate field ${goQuote(path)}`;
export const unknownField = (path: string): string => `unknown field ${goQuote(path)}`;

/** What a YAML text says twice: one fault with a line for each, as go-yaml tells it. */
export interface YamlFault {
  readonly lines: readonly string[];
}

export type StrictError = string | YamlFault;

/** The text of a fault; YAML's as upstream's decoder has it. */
function strictText(error: StrictError): string {
  return typeof error === 'string' ? error : `yaml: unmarshal errors:\n  ${error.lines.join('\n  ')}`;
}

/** Refuses (Strict), mentions (Warn) or passes over (Ignore) what strict decoding found. */
export function reportStrictErrors(
  kind: GroupVersionKind,
  errors: readonly StrictError[],
  validation: FieldValidation,
  warnings: Warnings,
): void {
  if (errors.length === 0 || validation === 'Ignore') return;
  if (validation === 'Strict') {
    const why = `strict decoding error: ${errors.map(strictText).join(', ')}`;
    throw new UndecodableError(kind.kind, kind.version, why);
  }
  for (const error of errors) mention(error, warnings);
}

/** What an applied configuration says twice is reported after the merge, in words of its own. */
export function reportAppliedTwice(lines: readonly string[], validation: FieldValidation, warnings: Warnings): void {
  if (lines.length === 0 || validation === 'Ignore') return;
  if (validation === 'Warn') mention({ lines }, warnings);
  else throw newBadRequest(`error strict decoding YAML: error converting YAML to JSON: ${strictText({ lines })}`);
}

function mention(error: StrictError, warnings: Warnings): void {
  for (const text of typeof error === 'string' ? [error] : error.lines) warnings.add(text);
}

/**
 * Faults of a body and of what was read from it. Upstream reads JSON of its own types in one pass, so that both come as
 * they stand in the text; of anything else (YAML, custom types) it looks for what stands twice first.
 */
export function strictErrorsOf(
  { strictErrors, typedJson }: DecodedBody,
  unknown: readonly string[],
): readonly StrictError[] {
  const all = [...strictErrors, ...unknown];
  if (typedJson === undefined || strictErrors.length === 0 || unknown.length === 0) return all;
  const faults = new Set<StrictError>(all);
  const ordered: StrictError[] = [];
  let skipped: string | undefined;
  eachMember(typedJson, (path, again) => {
    // Within what nobody knows nothing is looked at.
    if (skipped !== undefined && (path.startsWith(`${skipped}.`) || path.startsWith(`${skipped}[`))) return;
    if (faults.has(unknownField(path))) skipped = path;
    const fault = again ? duplicateField(path) : unknownField(path);
    if (faults.delete(fault)) ordered.push(fault);
  });
  return ordered;
}
