import { checkRequirementCount, checkSelectorLength, SelectorError } from './selector-error.js';

/** One term of a field selector. `value` is unescaped. */
export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** A compiled field selector over a record of the strings that an object shows for its selectable fields. */
export class FieldSelector {
  readonly requirements: readonly FieldRequirement[];

  constructor(requirements: readonly FieldRequirement[]) {
    this.requirements = requirements;
  }

  get empty(): boolean {
    return this.requirements.length === 0;
  }

  /** A field that the record lacks counts as the empty string. */
  matches(fields: Readonly<Record<string, string>>): boolean {
    for (const { field, operator, value } of this.requirements) {
      const actual = Object.hasOwn(fields, field) ? fields[field] : undefined;
      if (((actual ?? '') === value) !== (operator === '=')) return false;
    }
    return true;
  }

  /** The value that the selector demands of the field, if it demands one. */
  requiresExactMatch(field: string): string | undefined {
    return this.requirements.find((term) => term.field === field && term.operator === '=')?.value;
  }

  /** Canonical text with values escaped. */
  toString(): string {
    return this.requirements.map(({ field, operator, value }) => `${field}${operator}${escapeValue(value)}`).join(',');
  }
}

/** Matches everything. */
export const ALL_FIELDS = new FieldSelector([]);

const OPERATORS = ['!=', '==', '='] as const;

/**
 * Parses the text of `fieldSelector=`: terms `a=b`, `a==b`, `a!=b`, separated by commas; in values `\`, `,` and `=`
 * are escaped by a backslash. Throws SelectorError with upstream's text (apimachinery `fields.ParseSelector`).
 */
export function parseFieldSelector(text: string): FieldSelector {
  if (text === '') return ALL_FIELDS;
  checkSelectorLength(text);
  const terms = splitTerms(text)
    .filter((term) => term !== '')
    .sort();
  checkRequirementCount(terms.length);
  return new FieldSelector(terms.map((term) => parseTerm(text, term)));
}

function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === ',') {
      terms.push(text.slice(start, at));
      start = at + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

function parseTerm(selector: string, term: string): FieldRequirement {
  for (let at = 0; at < term.length; at++) {
    const operator = OPERATORS.find((candidate) => term.startsWith(candidate, at));
    if (operator === undefined) continue;
    const value = unescapeValue(term.slice(at + operator.length));
    return { field: term.slice(0, at), operator: operator === '!=' ? '!=' : '=', value };
  }
  throw new SelectorError(`invalid selector: '${selector}'; can't understand '${term}'`);
}

function unescapeValue(text: string): string {
  let value = '';
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === ',' || char === '=')
      throw new SelectorError(`invalid field selector: unescaped character in value: ${char.charCodeAt(0)}`);
    if (char !== '\\') {
      value += char;
      continue;
    }
    const escaped = text.charAt(++at);
    if (escaped !== '\\' && escaped !== ',' && escaped !== '=') {
      throw new SelectorError(`invalid field selector: invalid escape sequence: \\${escaped}`);
    }
    value += escaped;
  }
  return value;
}

function escapeValue(value: string): string {
  return value.replace(/[\\,=]/g, '\\$&');
}
