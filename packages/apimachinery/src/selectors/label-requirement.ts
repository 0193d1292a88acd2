import { type FieldError, fieldErrorText, invalid } from '../errors/field-error.js';
import { indexPath, keyPath } from '../validation/field-path.js';
import { labelValue, qualifiedName } from '../validation/names.js';
import { SelectorError } from './selector-error.js';

export type LabelOperator = 'in' | 'notin' | '=' | '==' | '!=' | 'exists' | '!' | 'gt' | 'lt';

/** One term of a label selector. `values` are sorted and different from each other. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  readonly values: readonly string[];
}

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** Makes a requirement; throws SelectorError with upstream's aggregated text (`labels.NewRequirement`). */
export function labelRequirement(key: string, operator: LabelOperator, values: readonly string[]): LabelRequirement {
  const errors = [...keyErrors(key, 'key'), ...countErrors(operator, values)];
  for (const [index, value] of values.entries()) {
    const texts = labelValue(value);
    if (texts.length > 0) errors.push(invalid(keyPath(indexPath('values', index), key), value, texts.join('; ')));
  }
  if (errors.length > 0) throw new SelectorError(aggregate(errors));
  return { key, operator, values: [...new Set(values)].sort() };
}

/** Faults of a label key as selectors report them: one error that joins all texts. */
export function keyErrors(key: string, field: string): FieldError[] {
  const texts = qualifiedName(key);
  return texts.length === 0 ? [] : [invalid(field, key, texts.join('; '))];
}

/** Several errors as one text: `[a, b]`, each once. */
export function aggregate(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map((error) => (error.field === '' ? error.message : fieldErrorText(error))))];
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
}

/** Whether labels fulfil the requirement; `!=` and `notin` also hold for an absent label. */
export function requirementMatches(
  requirement: LabelRequirement,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  const value = labels !== undefined && Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined;
  switch (requirement.operator) {
    case '=':
    case '==':
      return value !== undefined && value === requirement.values[0];
    case 'in':
      return value !== undefined && requirement.values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !requirement.values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'gt':
    case 'lt':
      return compares(requirement.operator, value, requirement.values[0]);
  }
}

/** The term in the grammar of `labelSelector=`. */
export function requirementText(requirement: LabelRequirement): string {
  const { key, operator, values } = requirement;
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${values.join(',')})`;
    case 'gt':
      return `${key}>${values.join(',')}`;
    case 'lt':
      return `${key}<${values.join(',')}`;
    default:
      return `${key}${operator}${values.join(',')}`;
  }
}

function countErrors(operator: LabelOperator, values: readonly string[]): FieldError[] {
  const field = 'values';
  switch (operator) {
    case 'in':
    case 'notin':
      if (values.length > 0) return [];
      return [invalid(field, [], "for 'in', 'notin' operators, values set can't be empty")];
    case '=':
    case '==':
    case '!=':
      if (values.length === 1) return [];
      return [invalid(field, [...values], 'exact-match compatibility requires one single value')];
    case 'exists':
    case '!':
      if (values.length === 0) return [];
      return [invalid(field, [...values], 'values set must be empty for exists and does not exist')];
    default:
      return comparisonErrors(field, values);
  }
}

function comparisonErrors(field: string, values: readonly string[]): FieldError[] {
  const errors: FieldError[] = [];
  if (values.length !== 1) {
    errors.push(invalid(field, [...values], "for 'Gt', 'Lt' operators, exactly one value is required"));
  }
  for (const [index, value] of values.entries()) {
    if (parseInt64(value) !== undefined) continue;
    errors.push(invalid(indexPath(field, index), value, "for 'Gt', 'Lt' operators, the value must be an integer"));
  }
  return errors;
}

function compares(operator: 'gt' | 'lt', value: string | undefined, bound: string | undefined): boolean {
  const left = value === undefined ? undefined : parseInt64(value);
  const right = bound === undefined ? undefined : parseInt64(bound);
  if (left === undefined || right === undefined) return false;
  return operator === 'gt' ? left > right : left < right;
}

function parseInt64(text: string): bigint | undefined {
  if (!/^[+-]?\d{1,20}$/.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return value >= INT64_MIN && value <= INT64_MAX ? value : undefined;
}
