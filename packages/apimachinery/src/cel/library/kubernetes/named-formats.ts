import { hasFormat } from '../../../schema/formats.js';
import {
  labelValue,
  nameIsDns1035Label,
  nameIsDnsLabel,
  nameIsDnsSubdomain,
  qualifiedName,
} from '../../../validation/names.js';
import { type CelLibrary, declare } from '../../check/declarations.js';
import { NO_SUCH_OVERLOAD } from '../../values/cel-error.js';
import { ArrayList, CelOpaque, CelOptional, type CelValue, NONE } from '../../values/value.js';
import { GoUrlError, parseRequestUri } from './go-url.js';

/** What is wrong with a text; empty when nothing is. */
type Check = (text: string) => readonly string[];

class FormatValue extends CelOpaque {
  readonly typeName = 'kubernetes.NamedFormat';
  readonly name: string;
  /** Length of the pattern behind it, which decides its cost. */
  readonly patternLength: number;
  readonly check: Check;

  constructor(name: string, patternLength: number, check: Check) {
    super();
    this.name = name;
    this.patternLength = patternLength;
    this.check = check;
  }

  equals(other: CelValue): boolean {
    return other instanceof FormatValue && other.name === this.name;
  }
}

function schemaFormat(format: string, fault: string): Check {
  return (text) => (hasFormat(text, format) === true ? [] : [fault]);
}

function uri(text: string): readonly string[] {
  try {
    parseRequestUri(text);
    return [];
  } catch (error) {
    if (error instanceof GoUrlError) return [error.message];
    throw error;
  }
}

const DATE_TIME_PATTERN_LENGTH = 71;
const UUID_PATTERN_LENGTH = 70;

const FORMATS: ReadonlyMap<string, FormatValue> = new Map(
  (
    [
      ['dns1123Label', 'DNS1123Label', 30, (text) => nameIsDnsLabel(text, false)],
      ['dns1123Subdomain', 'DNS1123Subdomain', 60, (text) => nameIsDnsSubdomain(text, false)],
      ['dns1035Label', 'DNS1035Label', 30, (text) => nameIsDns1035Label(text, false)],
      ['qualifiedName', 'QualifiedName', 60, qualifiedName],
      ['dns1123LabelPrefix', 'DNS1123LabelPrefix', 30, (text) => nameIsDnsLabel(text, true)],
      ['dns1123SubdomainPrefix', 'DNS1123SubdomainPrefix', 60, (text) => nameIsDnsSubdomain(text, true)],
      ['dns1035LabelPrefix', 'DNS1035LabelPrefix', 30, (text) => nameIsDns1035Label(text, true)],
      ['labelValue', 'LabelValue', 40, labelValue],
      ['uri', 'URI', 1103, uri],
      ['uuid', 'uuid', UUID_PATTERN_LENGTH, schemaFormat('uuid', 'does not match the UUID format')],
      ['byte', 'byte', 84, schemaFormat('byte', 'invalid base64')],
      ['date', 'date', DATE_TIME_PATTERN_LENGTH, schemaFormat('date', 'invalid date')],
      ['datetime', 'datetime', DATE_TIME_PATTERN_LENGTH, schemaFormat('datetime', 'invalid datetime')],
    ] satisfies [string, string, number, Check][]
  ).map(([key, name, length, check]) => [key, new FormatValue(name, length, check)]),
);

const F = 'kubernetes.NamedFormat';

/** Kubernetes' named formats: `format.dns1123Label().validate(x)`. */
export const FORMAT_FUNCTIONS: CelLibrary = {
  functions: [
    ...Array.from(FORMATS, ([name, format]) => declare(`format.${name}`, [`format.${name}`, `-> ${F}`, () => format])),
    declare('format.named', [
      'format-named',
      `string -> optional_type(${F})`,
      (name) => {
        const found = typeof name === 'string' ? FORMATS.get(name) : undefined;
        return found === undefined ? NONE : new CelOptional(found);
      },
    ]),
    declare('validate', [
      'format-validate',
      `.${F}, string -> optional_type(list(string))`,
      (format, text) => {
        if (!(format instanceof FormatValue) || typeof text !== 'string') return NO_SUCH_OVERLOAD;
        const faults = format.check(text);
        return faults.length === 0 ? NONE : new CelOptional(new ArrayList(faults));
      },
    ]),
  ],
};
