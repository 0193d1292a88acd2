/**
 * Forms of names. Every function returns what is wrong with the value, in upstream's words (apimachinery
 * `util/validation` and `api/validate/content`), and nothing when it is fine. Lengths are counted in bytes.
 */

/** Judges a name; with `prefix` the name is a generateName, to which random characters are yet to be added. */
export type NameValidator = (name: string, prefix: boolean) => readonly string[];

export const DNS1123_LABEL_MAX_BYTES = 63;
export const DNS1123_SUBDOMAIN_MAX_BYTES = 253;
export const DNS1035_LABEL_MAX_BYTES = 63;
export const LABEL_NAME_MAX_BYTES = 63;
export const LABEL_VALUE_MAX_BYTES = 63;

const LABEL_1123 = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN_1123 = `${LABEL_1123}(\\.${LABEL_1123})*`;
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const LABEL_NAME = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_VALUE = `(${LABEL_NAME})?`;
const CONFIG_KEY = '[-._a-zA-Z0-9]+';

const isLabel1123 = new RegExp(`^${LABEL_1123}$`);
const isSubdomain1123 = new RegExp(`^${SUBDOMAIN_1123}$`);
const isLabel1035 = new RegExp(`^${LABEL_1035}$`);
const isLabelName = new RegExp(`^${LABEL_NAME}$`);
const isLabelValue = new RegExp(`^${LABEL_VALUE}$`);
const isConfigKey = new RegExp(`^${CONFIG_KEY}$`);

const SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const LABEL_TEXT =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const LABEL_1035_TEXT =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
const LABEL_NAME_TEXT =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const LABEL_VALUE_TEXT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const CONFIG_KEY_TEXT = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";

/** Text about a value that a pattern refuses: what it says, examples, the pattern. */
export function patternText(text: string, pattern: string, ...examples: readonly string[]): string {
  const shown = examples.map((example) => `'${example}', `).join(' or ');
  return `${text} (${shown === '' ? '' : `e.g. ${shown}`}regex used for validation is '${pattern}')`;
}

/** DNS-1123 subdomain: the form of most names. */
export function dns1123Subdomain(value: string): string[] {
  return subdomain(value, 'characters');
}

/** DNS-1123 label: the form of namespace names. */
export function dns1123Label(value: string): string[] {
  const errors = tooManyBytes(value, DNS1123_LABEL_MAX_BYTES, 'characters');
  if (isLabel1123.test(value)) return errors;
  if (isSubdomain1123.test(value)) return [...errors, 'must not contain dots'];
  return [...errors, patternText(LABEL_TEXT, LABEL_1123, 'my-name', '123-abc')];
}

/** DNS-1035 label: the form of resource names, short names and versions. */
export function dns1035Label(value: string): string[] {
  const errors = tooManyBytes(value, DNS1035_LABEL_MAX_BYTES, 'characters');
  if (isLabel1035.test(value)) return errors;
  return [...errors, patternText(LABEL_1035_TEXT, LABEL_1035, 'my-name', 'abc-123')];
}

/** What may stand as one segment of a URL path: the form of RBAC names. */
export function pathSegmentName(value: string): string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return pathSegmentPrefix(value);
}

/** The beginning of a path segment. */
export function pathSegmentPrefix(value: string): string[] {
  return ['/', '%'].filter((part) => value.includes(part)).map((part) => `may not contain '${part}'`);
}

/** A qualified name, `prefix.example.com/Name` or `Name`: keys of labels, annotations, finalizers. */
export function qualifiedName(value: string): string[] {
  const parts = value.split('/');
  const [first = '', second] = parts;
  if (parts.length > 2) return [tooManyParts()];
  const name = second ?? first;
  return [...(second === undefined ? [] : prefixPart(first)), ...namePart(name)];
}

/** The value of a label. */
export function labelValue(value: string): string[] {
  const errors = tooManyBytes(value, LABEL_VALUE_MAX_BYTES, 'bytes');
  if (isLabelValue.test(value)) return errors;
  return [...errors, patternText(LABEL_VALUE_TEXT, LABEL_VALUE, 'MyValue', 'my_value', '12345')];
}

/** A key of a ConfigMap or Secret. */
export function configMapKey(value: string): string[] {
  const errors = tooManyBytes(value, DNS1123_SUBDOMAIN_MAX_BYTES, 'characters');
  if (!isConfigKey.test(value)) {
    errors.push(patternText(CONFIG_KEY_TEXT, CONFIG_KEY, 'key.name', 'KEY_NAME', 'key-name'));
  }
  if (value === '.' || value === '..') errors.push(`must not be '${value}'`);
  else if (value.startsWith('..')) errors.push("must not start with '..'");
  return errors;
}

export const nameIsDnsSubdomain: NameValidator = (name, prefix) => dns1123Subdomain(whole(name, prefix));
export const nameIsDnsLabel: NameValidator = (name, prefix) => dns1123Label(whole(name, prefix));
export const nameIsDns1035Label: NameValidator = (name, prefix) => dns1035Label(whole(name, prefix));
export const nameIsPathSegment: NameValidator = (name, prefix) =>
  prefix ? pathSegmentPrefix(name) : pathSegmentName(name);

/** A trailing dash of a generateName is no fault, as characters follow it. */
function whole(name: string, prefix: boolean): string {
  return prefix && name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;
}

function subdomain(value: string, unit: string): string[] {
  const errors = tooManyBytes(value, DNS1123_SUBDOMAIN_MAX_BYTES, unit);
  if (isSubdomain1123.test(value)) return errors;
  return [...errors, patternText(SUBDOMAIN_TEXT, SUBDOMAIN_1123, 'example.com')];
}

function prefixPart(prefix: string): string[] {
  if (prefix === '') return ['prefix part must be non-empty'];
  return subdomain(prefix, 'bytes').map((text) => `prefix part ${text}`);
}

function namePart(name: string): string[] {
  const errors: string[] = [];
  if (name === '') errors.push('name part must be non-empty');
  else errors.push(...tooManyBytes(name, LABEL_NAME_MAX_BYTES, 'bytes').map((text) => `name part ${text}`));
  if (!isLabelName.test(name)) errors.push(`name part ${labelNameText()}`);
  return errors;
}

function tooManyParts(): string {
  return `a valid label key ${labelNameText()} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`;
}

function labelNameText(): string {
  return patternText(LABEL_NAME_TEXT, LABEL_NAME, 'MyName', 'my.name', '123-abc');
}

function tooManyBytes(value: string, max: number, unit: string): string[] {
  return Buffer.byteLength(value) > max ? [`must be no more than ${max} ${unit}`] : [];
}
