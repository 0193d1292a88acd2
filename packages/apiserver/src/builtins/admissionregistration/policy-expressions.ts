import { type FieldError, invalid, required } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readObjects, readString } from '@kcp/apimachinery/schema/read';
import type { Work } from '@kcp/apimachinery/turns/work';
import { childPath, indexPath } from '@kcp/apimachinery/validation/field-path';
import { type ExpressionScope, expressionErrors } from './expression-checker.js';

const IDENTIFIER = /^[_a-zA-Z][_a-zA-Z0-9]*$/;
/** Words of CEL that no variable may have as its name. */
const RESERVED: ReadonlySet<string> = new Set([
  ...['true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if'],
  ...['import', 'let', 'loop', 'package', 'namespace', 'return', 'var', 'void', 'while'],
]);

/** Faults of `spec.variables`, each of which becomes known to those after it. */
export function* variablesErrors(spec: JsonObject, scope: ExpressionScope, params: boolean): Work<FieldError[]> {
  const errors: FieldError[] = [];
  for (const [index, variable] of readObjects(spec, 'variables').entries()) {
    yield;
    const field = indexPath('spec.variables', index);
    const [name, expression] = [readString(variable, 'name'), readString(variable, 'expression')];
    errors.push(...nameErrors(name, childPath(field, 'name')));
    const at = childPath(field, 'expression');
    if (expression.trim() === '') {
      errors.push(required(at, 'expression is not specified'));
      continue;
    }
    const fault = scope.declare(name, expression, { purpose: 'variable', params, authorizer: true });
    errors.push(...expressionErrors(fault, expression, at));
  }
  return errors;
}

function nameErrors(name: string, field: string): FieldError[] {
  if (name.trim() === '') return [required(field, 'name is not specified')];
  if (IDENTIFIER.test(name) && !RESERVED.has(name)) return [];
  return [invalid(field, name, 'must be a valid CEL identifier')];
}
