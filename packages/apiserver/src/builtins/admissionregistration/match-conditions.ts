import { duplicate, type FieldError, invalid, required, tooMany } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readObjects, readString } from '@kcp/apimachinery/schema/read';
import type { Work } from '@kcp/apimachinery/turns/work';
import { childPath, indexPath } from '@kcp/apimachinery/validation/field-path';
import { qualifiedName } from '@kcp/apimachinery/validation/names';
import { type ExpressionChecker, expressionErrors } from './expression-checker.js';

const CONDITIONS_MAX = 64;

/** Faults of `holder.matchConditions`; `params` says whether they may name parameters. */
export function* matchConditionsErrors(
  holder: JsonObject,
  field: string,
  checker: ExpressionChecker,
  params: boolean,
): Work<FieldError[]> {
  const conditions = readObjects(holder, 'matchConditions');
  const path = childPath(field, 'matchConditions');
  const errors = conditions.length > CONDITIONS_MAX ? [tooMany(path, conditions.length, CONDITIONS_MAX)] : [];
  const scope = checker.scope({ variables: false });
  const seen = new Set<string>();
  for (const [index, condition] of conditions.entries()) {
    yield;
    const at = indexPath(path, index);
    const expression = readString(condition, 'expression').trim();
    const name = readString(condition, 'name');
    if (expression === '') errors.push(required(childPath(at, 'expression')));
    else {
      const fault = scope.check(expression, { purpose: 'matchCondition', params, authorizer: true });
      errors.push(...expressionErrors(fault, expression, childPath(at, 'expression')));
    }
    errors.push(...nameErrors(name, seen, childPath(at, 'name')));
  }
  return errors;
}

function nameErrors(name: string, seen: Set<string>, field: string): FieldError[] {
  if (name === '') return [required(field)];
  const errors = qualifiedName(name).map((text) => invalid(field, name, text));
  if (seen.has(name)) errors.push(duplicate(field, name));
  seen.add(name);
  return errors;
}
