import { type FieldError, invalid } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readNumber, readOptionalString } from '@kcp/apimachinery/schema/read';
import { childPath } from '@kcp/apimachinery/validation/field-path';
import { patternText } from '@kcp/apimachinery/validation/names';

export const NOT_NEGATIVE = 'must be greater than or equal to 0';
const PERCENT = /^[0-9]+%$/;
const PERCENT_TEXT = patternText(
  "a valid percent string must be a numeric string followed by an ending '%'",
  '[0-9]+%',
  '1%',
  '93%',
);

/** Faults of members that may not be negative; absent ones are none. */
export function notNegative(object: JsonObject, names: readonly string[], field: string): FieldError[] {
  return names.flatMap((name) => {
    const value = readNumber(object, name);
    return value !== undefined && value < 0 ? [invalid(childPath(field, name), value, NOT_NEGATIVE)] : [];
  });
}

/** Faults of a member that is a count or a share, such as `maxSurge`; `most`: shares end at 100%. */
export function countOrShareErrors(object: JsonObject, name: string, field: string, most: boolean): FieldError[] {
  const path = childPath(field, name);
  const text = readOptionalString(object, name);
  if (text === undefined) return notNegative(object, [name], field);
  if (!PERCENT.test(text)) return [invalid(path, text, PERCENT_TEXT)];
  return most && Number(text.slice(0, -1)) > 100 ? [invalid(path, text, 'must not be greater than 100%')] : [];
}

/** What a count or a share comes to, of `total`; upstream's `GetScaledValueFromIntOrPercent`. */
export function scaledValue(object: JsonObject, name: string, total: number, up: boolean): number {
  const text = readOptionalString(object, name);
  if (text === undefined) return readNumber(object, name) ?? 0;
  const share = (Number(text.replace(/%$/, '')) * total) / 100;
  return up ? Math.ceil(share) : Math.floor(share);
}
