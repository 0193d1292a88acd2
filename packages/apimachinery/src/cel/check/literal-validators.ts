import type { Call, Expr, ListExpr, MapExpr } from '../syntax/expr.js';
import type { Issue } from '../syntax/source.js';
import { type CelType, DYN, sameType, unwrapOptional } from '../types/cel-type.js';
import { CelError } from '../values/cel-error.js';
import { toDuration, toTimestamp } from '../values/convert.js';
import { compileRegex } from '../values/patterns.js';
import type { CelValue } from '../values/value.js';
import type { CheckedExpr } from './checker.js';
import { issueAt, type Validator, visitAll } from './validator.js';

const CHECKS: Readonly<Record<string, (value: CelValue) => boolean>> = {
  duration: (value) => typeof value === 'string' && !(toDuration(value) instanceof CelError),
  timestamp: (value) => !(toTimestamp(value) instanceof CelError),
  matches: (value) => typeof value !== 'string' || !(compileRegex(value) instanceof CelError),
};

/** Literals of durations, times and patterns mean something. */
export const validateLiterals: Validator = (checked) => {
  const issues: Issue[] = [];
  visitAll(checked.expr, (expr) => {
    if (expr.kind !== 'call') return;
    const valid = CHECKS[expr.name];
    const [first] = expr.args;
    if (valid === undefined || first?.kind !== 'literal' || valid(first.value)) return;
    issues.push(issueAt(checked, first.id, `invalid ${expr.name} argument`));
  });
  return issues;
};

/** Elements of a list are of one type, and so are keys and values of a map, except for arguments of `format`. */
export const validateAggregates: Validator = (checked) => {
  const issues: Issue[] = [];
  visitAll(checked.expr, (expr, within) => {
    if (within.includes('format')) return;
    if (expr.kind === 'list') issues.push(...listIssues(checked, expr));
    if (expr.kind === 'map') issues.push(...mapIssues(checked, expr));
  });
  return issues;
};

function typeOf(checked: CheckedExpr, expr: Expr, optional: boolean): CelType {
  const type = checked.types[expr.id] ?? DYN;
  return optional ? (unwrapOptional(type) ?? type) : type;
}

function mismatch(checked: CheckedExpr, expr: Expr, expected: CelType, actual: CelType): Issue {
  return issueAt(checked, expr.id, `expected type '${expected}' but found '${actual}'`);
}

function listIssues(checked: CheckedExpr, list: ListExpr): readonly Issue[] {
  const types = list.elements.map((element, i) => typeOf(checked, element, list.optional.has(i)));
  const [first] = types;
  const wrong = types.findIndex((type) => first !== undefined && !sameType(type, first));
  const [element, type] = [list.elements[wrong], types[wrong]];
  if (first === undefined || element === undefined || type === undefined) return [];
  return [mismatch(checked, element, first, type)];
}

function mapIssues(checked: CheckedExpr, map: MapExpr): readonly Issue[] {
  const [first] = map.entries;
  if (first === undefined) return [];
  const keyType = typeOf(checked, first.key, false);
  const valueType = typeOf(checked, first.value, first.optional);
  return map.entries.flatMap((entry) => {
    const [key, value] = [typeOf(checked, entry.key, false), typeOf(checked, entry.value, entry.optional)];
    const issues: Issue[] = [];
    if (!sameType(key, keyType)) issues.push(mismatch(checked, entry.key, keyType, key));
    if (!sameType(value, valueType)) issues.push(mismatch(checked, entry.value, valueType, value));
    return issues;
  });
}

const INTEGERS = ['int', 'uint'];
const FLOATS = ['double', 'string'];
const SHOWN = [
  'list',
  'map',
  'int',
  'uint',
  'double',
  'bool',
  'string',
  'timestamp',
  'bytes',
  'duration',
  'type',
  'null',
];
const CLAUSES: Readonly<Record<string, readonly [kinds: readonly string[], rule: string]>> = {
  s: [
    SHOWN,
    'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
  ],
  d: [INTEGERS, 'decimal clause can only be used on integers'],
  f: [FLOATS, 'fixed-point clause can only be used on doubles'],
  e: [FLOATS, 'scientific clause can only be used on doubles'],
  b: [[...INTEGERS, 'bool'], 'only integers and bools can be formatted as binary'],
  x: [[...INTEGERS, 'string', 'bytes'], 'only integers, byte buffers, and strings can be formatted as hex'],
  o: [INTEGERS, 'octal clause can only be used on integers'],
};

const NO_PRECISION_END =
  'could not parse formatting clause: error while parsing precision: could not find end of precision specifier';

/** Clauses of a literal format fit the literal list of its arguments. */
export const validateFormats: Validator = (checked) => {
  const issues: Issue[] = [];
  visitAll(checked.expr, (expr) => {
    if (expr.kind !== 'call' || expr.name !== 'format') return;
    const issue = formatIssue(checked, expr);
    if (issue !== undefined) issues.push(issue);
  });
  return issues;
};

function formatIssue(checked: CheckedExpr, call: Call): Issue | undefined {
  const [list] = call.args;
  if (call.target?.kind !== 'literal' || typeof call.target.value !== 'string' || list?.kind !== 'list')
    return undefined;
  const clauses = [...call.target.value.matchAll(/%(?:%|(?:\.\d*)?(.)?)/gsu)].filter(([all]) => all !== '%%');
  for (const [i, [all, kind]] of clauses.entries()) {
    const arg = list.elements[i];
    if (kind === undefined && all !== '%') return issueAt(checked, call.id, NO_PRECISION_END);
    if (all === '%') return issueAt(checked, call.id, 'unexpected end of string');
    if (arg === undefined) return issueAt(checked, call.id, `index ${i} out of range`);
    const [kinds, rule] = CLAUSES[kind?.toLowerCase() ?? ''] ?? [];
    if (kinds === undefined) {
      const text = `could not parse formatting clause: unrecognized formatting clause "${kind}"`;
      return issueAt(checked, call.id, text);
    }
    const type = checked.types[arg.id] ?? DYN;
    if (type.kind !== 'dyn' && !kinds.includes(type.kind)) {
      return issueAt(checked, arg.id, `error during formatting: ${rule}, was given ${type.name}`);
    }
  }
  if (list.elements.length <= clauses.length) return undefined;
  const counts = `(expected ${clauses.length}, got ${list.elements.length})`;
  return issueAt(checked, call.id, `too many arguments supplied to string.format ${counts}`);
}
