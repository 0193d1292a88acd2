import type { FieldError } from '../errors/field-error.js';
import { fieldErrorText } from '../errors/field-error.js';
import {
  deepEqual,
  getOwn,
  isNumber,
  isObject,
  type JsonArray,
  type JsonObject,
  type JsonValue,
} from '../json/value.js';
import { childPath } from '../validation/field-path.js';
import { Correlation } from './correlation.js';
import { isInEnum } from './enumeration.js';
import { hasFormat } from './formats.js';
import { validateJunctors } from './junctors.js';
import type { SchemaNode } from './node.js';
import { isInt64, isIntegral, numberViolations } from './number-checks.js';
import type { Outcome } from './outcome.js';
import { ValuePath } from './value-path.js';
import {
  invalidValue,
  missing,
  notInEnum,
  type Place,
  should,
  tooManyCharacters,
  tooManyOf,
  VIOLATIONS_MAX,
  wrongType,
} from './violations.js';

export interface ValueOptions {
  /** What was stored before: errors about values that have not changed since are dropped (ratcheting). */
  readonly old?: JsonValue | undefined;
  /** Path of the value in the field errors, when it is not a whole object. */
  readonly base?: string;
}

/**
 * Validates a value against a schema: types, formats, limits, enumerations, required members and combined schemas.
 * Errors have kube-openapi's texts. Lists of type set and map and embedded resources are validated elsewhere
 * (`validateObject`).
 */
export function validateValue(schema: SchemaNode, value: JsonValue, options: ValueOptions = {}): FieldError[] {
  const validator = new ValueValidator(options.base ?? '');
  const correlation = options.old === undefined ? undefined : new Correlation(schema, value, options.old);
  const { errors } = validator.run(schema, value, correlation);
  return distinct(errors);
}

/** Walks value and schema together. */
export class ValueValidator {
  readonly #base: string;
  readonly #path = new ValuePath();

  constructor(base: string) {
    this.#base = base;
  }

  run(schema: SchemaNode, value: JsonValue, correlation: Correlation | undefined): Outcome {
    const errors: FieldError[] = [];
    const matches = value === null ? this.#null(schema, errors) : this.#checks(schema, value, correlation, errors);
    if (errors.length > 0 && correlation?.unchanged() === true) return { errors: [], matches };
    if (errors.length > VIOLATIONS_MAX) errors.length = VIOLATIONS_MAX;
    return { errors, matches };
  }

  get base(): string {
    return this.#base;
  }

  get path(): string {
    return this.#path.toString();
  }

  #place(member?: string): Place {
    const path = member === undefined ? this.path : childPath(this.path, member);
    return {
      path,
      at: this.#base === '' ? (path === '' ? '<nil>' : path) : path === '' ? this.#base : childPath(this.#base, path),
    };
  }

  #null(schema: SchemaNode, errors: FieldError[]): number {
    if (schema.types.length > 0 && !schema.nullable) {
      errors.push(wrongType(this.#place(), schema.types.join(','), 'null'));
    }
    this.#enum(schema, null, errors);
    return errors.length === 0 ? 1 : 0;
  }

  #checks(schema: SchemaNode, value: JsonValue, correlation: Correlation | undefined, errors: FieldError[]): number {
    // the schema itself, its combined schemas and its enumeration always count
    let matches = 3 + this.#type(schema, value, errors);
    if (schema.junctors !== undefined) matches += validateJunctors(this, schema.junctors, value, errors);
    matches += 1;
    if (typeof value === 'string') matches += this.#string(schema, value, errors);
    else if (isNumber(value)) matches += this.#number(schema, value, errors);
    else if (Array.isArray(value)) matches += this.#list(schema, value, correlation, errors);
    this.#enum(schema, value, errors);
    if (isObject(value)) matches += 1 + this.#object(schema, value, correlation, errors);
    return matches;
  }

  #type(schema: SchemaNode, value: JsonValue, errors: FieldError[]): number {
    const { types, format } = schema;
    if (types.length === 0 && format === '') return 0;
    const fault = typeFault(types, format, value);
    if (fault === undefined) return 2;
    errors.push(wrongType(this.#place(), fault.expected, fault.actual));
    return 1;
  }

  #string(schema: SchemaNode, value: string, errors: FieldError[]): number {
    const fault = this.#lengthOrPattern(schema, value);
    if (fault !== undefined) errors.push(fault);
    const formatted = schema.format === '' ? undefined : hasFormat(value, schema.format);
    if (formatted === false) errors.push(wrongType(this.#place(), schema.format, value));
    return formatted === undefined ? 1 : 2;
  }

  #lengthOrPattern(schema: SchemaNode, value: string): FieldError | undefined {
    const { limits, pattern } = schema;
    if (limits?.maxLength !== undefined || limits?.minLength !== undefined) {
      const length = characters(value);
      if (length > (limits.maxLength ?? length)) return tooManyCharacters(this.#place(), limits.maxLength ?? 0);
      if (length < (limits.minLength ?? 0)) {
        return should(this.#place(), value, `be at least ${limits.minLength} chars long`);
      }
    }
    const matches = pattern === undefined || pattern.matches(value);
    if (pattern === undefined || matches === true) return undefined;
    const why = matches === 'too long' ? ', for which it is too long' : '';
    return should(this.#place(), value, `match '${pattern.shown}'${why}`);
  }

  #number(schema: SchemaNode, value: number | bigint, errors: FieldError[]): number {
    errors.push(...numberViolations(schema, value, () => this.#place(), this.#base));
    return 2;
  }

  #enum(schema: SchemaNode, value: JsonValue, errors: FieldError[]): void {
    if (schema.enum.length === 0) return;
    if (value !== null && isInEnum(schema.enum, value)) return;
    errors.push(notInEnum(this.#place(), value, schema.enum));
  }

  #list(schema: SchemaNode, items: JsonArray, correlation: Correlation | undefined, errors: FieldError[]): number {
    let matches = 2;
    if (schema.items !== undefined) {
      for (const [index, item] of items.entries()) {
        matches += this.#inside(index, schema.items, item, correlation?.element(index), errors);
        if (errors.length > VIOLATIONS_MAX) break;
      }
    }
    const { limits } = schema;
    const size = items.length;
    if (limits === undefined) return matches;
    if (size < (limits.minItems ?? 0)) {
      errors.push(should(this.#place(), size, `have at least ${limits.minItems} items`));
    }
    if (size > (limits.maxItems ?? size)) errors.push(tooManyOf(this.#place(), size, limits.maxItems ?? 0));
    if (limits.uniqueItems && hasDuplicates(items)) {
      errors.push(invalidValue(this.#place().at, '', `${this.path} in body shouldn't contain duplicates`));
    }
    return matches;
  }

  #object(schema: SchemaNode, object: JsonObject, correlation: Correlation | undefined, errors: FieldError[]): number {
    this.#size(schema, object, errors);
    let matches = this.#undeclared(schema, object, correlation, errors);
    for (const [name, property] of schema.properties) {
      const value = getOwn(object, name);
      if (value === undefined) continue;
      const typeMeta = this.#path.depth === 0 && (name === 'kind' || name === 'apiVersion');
      matches += this.#inside(name, property, value, typeMeta ? undefined : correlation?.member(name), errors);
      if (errors.length > VIOLATIONS_MAX) break;
    }
    for (const name of schema.required) {
      if (getOwn(object, name) === undefined) errors.push(missing(this.#place(name)));
    }
    return matches;
  }

  #size(schema: SchemaNode, object: JsonObject, errors: FieldError[]): void {
    const { limits } = schema;
    if (limits?.minProperties === undefined && limits?.maxProperties === undefined) return;
    const count = Object.keys(object).filter((key) => object[key] !== undefined).length;
    if (count < (limits.minProperties ?? 0)) {
      errors.push(should(this.#place(), count, `have at least ${limits.minProperties} properties`));
    }
    if (count > (limits.maxProperties ?? count)) {
      errors.push(tooManyOf(this.#place(), count, limits.maxProperties ?? 0));
    }
  }

  #undeclared(
    schema: SchemaNode,
    object: JsonObject,
    correlation: Correlation | undefined,
    errors: FieldError[],
  ): number {
    const additional = schema.additionalProperties;
    if (additional === undefined || (additional.allows && additional.schema === undefined)) return 0;
    let matches = 0;
    for (const key of Object.keys(object)) {
      const value = object[key];
      if (value === undefined || schema.properties.has(key)) continue;
      if (additional.schema !== undefined) {
        matches += this.#inside(key, additional.schema, value, correlation?.member(key), errors);
        if (errors.length > VIOLATIONS_MAX) break;
      } else {
        errors.push(invalidValue(this.#place().at, key, `${this.path}.${key} in body is a forbidden property`));
      }
    }
    return matches;
  }

  #inside(
    segment: string | number,
    schema: SchemaNode,
    value: JsonValue,
    correlation: Correlation | undefined,
    errors: FieldError[],
  ): number {
    this.#path.push(segment);
    const outcome = this.run(schema, value, correlation);
    this.#path.pop();
    for (const error of outcome.errors) errors.push(error);
    return outcome.matches;
  }
}

interface TypeFault {
  readonly expected: string;
  readonly actual: string;
}

/** The rules of kube-openapi's type check, with its special treatment of formats. */
function typeFault(types: readonly string[], format: string, value: JsonValue): TypeFault | undefined {
  const actual = typeName(value);
  const numeric = types.includes('number') || types.includes('integer');
  const whole = actual === 'number' && types.includes('integer') && isIntegral(Number(value));
  const fits = types.includes(actual) || whole || (actual === 'integer' && types.includes('number'));
  if (fits) return undefined;
  const texts = typeof value === 'string' || Array.isArray(value);
  if (format !== '' && !texts) {
    const actualFormat = goFormat(actual);
    return actualFormat === format ? undefined : { expected: format, actual: actualFormat };
  }
  if (format !== '' && !numeric) return undefined;
  return { expected: types.join(','), actual };
}

function typeName(value: JsonValue): string {
  if (isNumber(value)) return isInt64(value) ? 'integer' : 'number';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'object' ? 'object' : typeof value;
}

function goFormat(type: string): string {
  if (type === 'integer') return 'int64';
  return type === 'number' ? 'float64' : '';
}

/** Unicode code points. */
function characters(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0xdc00 || code > 0xdfff) count++;
  }
  return count;
}

function hasDuplicates(items: JsonArray): boolean {
  return items.some((item, index) => items.slice(0, index).some((other) => deepEqual(item, other)));
}

function distinct(errors: readonly FieldError[]): FieldError[] {
  if (errors.length < 2) return [...errors];
  const seen = new Set<string>();
  return errors.filter((error) => {
    const text = fieldErrorText(error);
    return !seen.has(text) && seen.add(text);
  });
}
