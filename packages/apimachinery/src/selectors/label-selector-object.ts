import { type FieldError, forbidden, invalid, required } from '../errors/field-error.js';
import { goQuote } from '../errors/go-quote.js';
import { getOwn, isObject, type JsonObject, type JsonValue } from '../json/value.js';
import { childPath, indexPath } from '../validation/field-path.js';
import { labelValue, qualifiedName } from '../validation/names.js';
import { validateLabels } from '../validation/object-meta.js';
import { type LabelOperator, type LabelRequirement, labelRequirement } from './label-requirement.js';
import { EVERYTHING, LabelSelector } from './label-selector.js';
import { checkRequirementCount, SelectorError } from './selector-error.js';

const OPERATORS: Readonly<Record<string, LabelOperator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};

/**
 * Validates a `metav1.LabelSelector` (`matchLabels`, `matchExpressions`), whose types the decoder has checked.
 * Texts as apimachinery `ValidateLabelSelector`.
 */
export function validateLabelSelector(selector: JsonObject, field: string, leniency: Leniency = {}): FieldError[] {
  const errors = validateLabels(stringMap(getOwn(selector, 'matchLabels')), childPath(field, 'matchLabels'));
  for (const [index, expression] of expressions(selector).entries()) {
    errors.push(...expressionErrors(expression, indexPath(childPath(field, 'matchExpressions'), index), leniency));
  }
  return errors;
}

/** What is tolerated (`metav1validation.LabelSelectorValidationOptions`). */
export interface Leniency {
  /** Values that no label can have: they were stored before anybody looked. */
  readonly anyValue?: boolean;
  /** Operators that a newer client may know. */
  readonly anyOperator?: boolean;
}

/** Validates one `metav1.LabelSelectorRequirement`. */
export function validateLabelRequirement(
  requirement: JsonObject,
  field: string,
  leniency: Leniency = {},
): FieldError[] {
  return expressionErrors(expressionOf(requirement), field, leniency);
}

/** Compiles a `metav1.LabelSelector`. An empty one matches everything. Throws SelectorError when it is invalid. */
export function selectorOfObject(selector: JsonObject): LabelSelector {
  const requirements: LabelRequirement[] = [];
  for (const [key, value] of Object.entries(stringMap(getOwn(selector, 'matchLabels')))) {
    requirements.push(labelRequirement(key, '=', [value]));
  }
  for (const { key, operator, values } of expressions(selector)) {
    const known = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
    if (known === undefined) throw new SelectorError(`${goQuote(operator)} is not a valid label selector operator`);
    requirements.push(labelRequirement(key, known, values));
  }
  checkRequirementCount(requirements.length);
  return requirements.length === 0 ? EVERYTHING : new LabelSelector(requirements);
}

interface Expression {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
}

function expressions(selector: JsonObject): Expression[] {
  const list = getOwn(selector, 'matchExpressions');
  if (!Array.isArray(list)) return [];
  return list.filter(isObject).map(expressionOf);
}

function expressionOf(item: JsonObject): Expression {
  return {
    key: text(getOwn(item, 'key')),
    operator: text(getOwn(item, 'operator')),
    values: strings(getOwn(item, 'values')),
  };
}

function expressionErrors({ key, operator, values }: Expression, field: string, leniency: Leniency): FieldError[] {
  const errors: FieldError[] = [];
  if (operator === 'In' || operator === 'NotIn') {
    const text = "must be specified when `operator` is 'In' or 'NotIn'";
    if (values.length === 0) errors.push(required(childPath(field, 'values'), text));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    const text = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
    if (values.length > 0) errors.push(forbidden(childPath(field, 'values'), text));
  } else if (!leniency.anyOperator) {
    errors.push(invalid(childPath(field, 'operator'), operator, 'not a valid selector operator'));
  }
  for (const text of qualifiedName(key)) errors.push(invalid(childPath(field, 'key'), key, text));
  if (leniency.anyValue) return errors;
  for (const [index, value] of values.entries()) {
    for (const text of labelValue(value)) {
      errors.push(invalid(indexPath(childPath(field, 'values'), index), value, text));
    }
  }
  return errors;
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

function strings(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function stringMap(value: JsonValue | undefined): Record<string, string> {
  if (!isObject(value)) return {};
  const entries = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(entries);
}
