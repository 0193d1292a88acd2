import type { FieldError } from '../errors/field-error.js';
import { goQuote } from '../errors/go-quote.js';
import type { JsonValue } from '../json/value.js';
import type { Junctors, SchemaNode } from './node.js';
import type { Outcome } from './outcome.js';
import { fieldless } from './violations.js';

/** What the combined schemas need of the validator: run one more schema on the same value. */
export interface JunctorHost {
  readonly path: string;
  readonly base: string;
  run(schema: SchemaNode, value: JsonValue, correlation: undefined): Outcome;
}

/**
 * anyOf, oneOf, allOf, not, in this order. When none of several schemas fits, the errors of the one that came closest
 * are reported, too. Appends to `errors` and returns how many checks were fulfilled.
 */
export function validateJunctors(
  host: JunctorHost,
  junctors: Junctors,
  value: JsonValue,
  errors: FieldError[],
): number {
  const report = (text: string): void => {
    errors.push(fieldless(host.base, `${goQuote(host.path)} ${text}`));
  };
  const add = (outcome: Outcome | undefined): number => {
    if (outcome === undefined) return 0;
    errors.push(...outcome.errors);
    return outcome.matches;
  };
  let matches = anyOf(host, junctors.anyOf, value, report, add);
  matches += oneOf(host, junctors.oneOf, value, report, add);
  matches += allOf(host, junctors.allOf, value, report, add);
  if (junctors.not !== undefined && host.run(junctors.not, value, undefined).errors.length === 0) {
    report('must not validate the schema (not)');
  }
  return matches;
}

type Report = (text: string) => void;
type Add = (outcome: Outcome | undefined) => number;

function anyOf(host: JunctorHost, schemas: readonly SchemaNode[], value: JsonValue, report: Report, add: Add): number {
  if (schemas.length === 0) return 0;
  let best: Outcome | undefined;
  for (const schema of schemas) {
    const outcome = host.run(schema, value, undefined);
    if (outcome.errors.length === 0) return add(outcome);
    if (best === undefined || outcome.matches > best.matches) best = outcome;
  }
  report('must validate at least one schema (anyOf)');
  return add(best);
}

function oneOf(host: JunctorHost, schemas: readonly SchemaNode[], value: JsonValue, report: Report, add: Add): number {
  if (schemas.length === 0) return 0;
  let best: Outcome | undefined;
  let success: Outcome | undefined;
  let valid = 0;
  for (const schema of schemas) {
    const outcome = host.run(schema, value, undefined);
    if (outcome.errors.length === 0) {
      valid++;
      success ??= outcome;
    } else if (best === undefined || outcome.matches > best.matches) best = outcome;
  }
  if (valid === 1) return add(success);
  const found = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`;
  report(`must validate one and only one schema (oneOf). ${found}`);
  return valid === 0 ? add(best) : 0;
}

function allOf(host: JunctorHost, schemas: readonly SchemaNode[], value: JsonValue, report: Report, add: Add): number {
  if (schemas.length === 0) return 0;
  let matches = 0;
  let valid = 0;
  for (const schema of schemas) {
    const outcome = host.run(schema, value, undefined);
    if (outcome.errors.length === 0) valid++;
    matches += add(outcome);
  }
  if (valid < schemas.length) report(`must validate all the schemas (allOf)${valid === 0 ? '. None validated' : ''}`);
  return matches;
}
