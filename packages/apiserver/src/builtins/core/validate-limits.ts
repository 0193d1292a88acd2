import { duplicate, type FieldError, forbidden, invalid, required } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { compareQuantities, parseQuantity, type Quantity } from '@kcp/apimachinery/quantity/quantity';
import { readObject, readString } from '@kcp/apimachinery/schema/read';
import { childPath, indexPath, keyPath } from '@kcp/apimachinery/validation/field-path';
import { qualifiedName } from '@kcp/apimachinery/validation/names';
import { textEntries } from './data-entries.js';
import { containerResourceErrors, isOvercommitAllowed, resourceNameErrors } from './standard-resources.js';

const TYPES = ['Pod', 'Container', 'PersistentVolumeClaim'];
/** The amounts that a limit may state. */
export const LIMIT_MEMBERS = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;
const POD_TEXT = "may not be specified when `type` is 'Pod'";
const ONE = parseQuantity('1');

/** One amount as it was written and as a number. */
interface Amount {
  readonly text: string;
  readonly quantity: Quantity;
}
type Amounts = Partial<Record<(typeof LIMIT_MEMBERS)[number], Amount>>;

/** Faults of the `spec.limits` of a LimitRange. */
export function validateLimits(limits: readonly JsonObject[]): FieldError[] {
  const seen = new Set<string>();
  return limits.flatMap((limit, index) => {
    const field = indexPath('spec.limits', index);
    const type = readString(limit, 'type');
    const errors = typeErrors(type, childPath(field, 'type'));
    if (seen.has(type)) errors.push(duplicate(childPath(field, 'type'), type));
    seen.add(type);
    return [...errors, ...memberErrors(limit, type, field), ...amountErrors(limit, type, field)];
  });
}

function typeErrors(type: string, field: string): FieldError[] {
  const errors = qualifiedName(type).map((text) => invalid(field, type, text));
  if (errors.length > 0 || type.includes('/') || TYPES.includes(type)) return errors;
  return [invalid(field, type, 'must be a standard limit type or fully qualified')];
}

function memberErrors(limit: JsonObject, type: string, field: string): FieldError[] {
  const nameErrors = type === 'Pod' || type === 'Container' ? containerResourceErrors : resourceNameErrors;
  const errors: FieldError[] = [];
  for (const member of LIMIT_MEMBERS) {
    const path = childPath(field, member);
    const entries = textEntries(limit, member);
    if (type === 'Pod' && isDefault(member)) {
      if (entries.length > 0) errors.push(forbidden(path, POD_TEXT));
      continue;
    }
    if (member === 'maxLimitRequestRatio') errors.push(...claimErrors(limit, type, field));
    errors.push(...entries.flatMap(([name]) => nameErrors(name, keyPath(path, name))));
  }
  return errors;
}

function claimErrors(limit: JsonObject, type: string, field: string): FieldError[] {
  if (type !== 'PersistentVolumeClaim') return [];
  if (['min', 'max'].some((name) => readString(readObject(limit, name) ?? {}, 'storage') !== '')) return [];
  const text = 'either minimum or maximum storage value is required, but neither was provided';
  return [required(childPath(field, 'limits'), text)];
}

function isDefault(member: string): boolean {
  return member === 'default' || member === 'defaultRequest';
}

function amountErrors(limit: JsonObject, type: string, field: string): FieldError[] {
  const byResource = new Map<string, Amounts>();
  for (const member of LIMIT_MEMBERS) {
    if (type === 'Pod' && isDefault(member)) continue;
    for (const [name, text] of textEntries(limit, member)) {
      const amounts = byResource.get(name) ?? {};
      amounts[member] = { text, quantity: parseQuantity(text) };
      byResource.set(name, amounts);
    }
  }
  return [...byResource].flatMap(([name, amounts]) => [
    ...orderErrors(name, amounts, field),
    ...ratioErrors(name, amounts, field),
    ...overcommitErrors(name, amounts, field),
  ]);
}

type OrderRule = readonly [
  smaller: keyof Amounts,
  larger: keyof Amounts,
  field: keyof Amounts,
  shown: keyof Amounts,
  text: (smaller: string, larger: string) => string,
];

/** What must not exceed what, where upstream reports it and with which value. */
const ORDER: readonly OrderRule[] = [
  ['min', 'max', 'min', 'min', (a, b) => `min value ${a} is greater than max value ${b}`],
  [
    'min',
    'defaultRequest',
    'defaultRequest',
    'defaultRequest',
    (a, b) => `min value ${a} is greater than default request value ${b}`,
  ],
  [
    'defaultRequest',
    'max',
    'defaultRequest',
    'defaultRequest',
    (a, b) => `default request value ${a} is greater than max value ${b}`,
  ],
  [
    'defaultRequest',
    'default',
    'defaultRequest',
    'defaultRequest',
    (a, b) => `default request value ${a} is greater than default limit value ${b}`,
  ],
  ['min', 'default', 'default', 'min', (a, b) => `min value ${a} is greater than default value ${b}`],
  ['default', 'max', 'default', 'max', (a, b) => `default value ${a} is greater than max value ${b}`],
];

function orderErrors(name: string, amounts: Amounts, field: string): FieldError[] {
  return ORDER.flatMap(([smaller, larger, at, shown, text]) => {
    const [low, high] = [amounts[smaller], amounts[larger]];
    if (low === undefined || high === undefined || compareQuantities(low.quantity, high.quantity) <= 0) return [];
    return [invalid(keyPath(childPath(field, at), name), amounts[shown]?.text, text(low.text, high.text))];
  });
}

function ratioErrors(name: string, { maxLimitRequestRatio: ratio, min, max }: Amounts, field: string): FieldError[] {
  if (ratio === undefined) return [];
  const path = keyPath(childPath(field, 'maxLimitRequestRatio'), name);
  const errors: FieldError[] = [];
  if (compareQuantities(ratio.quantity, ONE) < 0) {
    errors.push(invalid(path, ratio.text, `ratio ${ratio.text} is less than 1`));
  }
  if (min !== undefined && max !== undefined) {
    const limit = numberOf(max.quantity) / numberOf(min.quantity);
    if (numberOf(ratio.quantity) > limit) {
      errors.push(invalid(path, ratio.text, `ratio ${ratio.text} is greater than max/min = ${limit.toFixed(6)}`));
    }
  }
  return errors;
}

/** What cannot be shared must be asked for exactly as it is limited. */
function overcommitErrors(
  name: string,
  { default: limit, defaultRequest: request }: Amounts,
  field: string,
): FieldError[] {
  if (isOvercommitAllowed(name) || limit === undefined || request === undefined) return [];
  if (compareQuantities(limit.quantity, request.quantity) === 0) return [];
  const text = `default value ${limit.text} must equal to defaultRequest value ${request.text} in ${name}`;
  return [invalid(keyPath(childPath(field, 'defaultRequest'), name), request.text, text)];
}

function numberOf({ unscaled, exponent }: Quantity): number {
  return Number(unscaled) * 10 ** exponent;
}
