import { checkDigitsOfCard, isIsbn10, isIsbn13 } from './check-digits.js';
import { isIpv4Address, isIpv6Address } from './ip.js';
import { isDate, isDateTime, isDuration } from './time-formats.js';

type Check = (text: string) => boolean;

const matches =
  (pattern: RegExp): Check =>
  (text) =>
    pattern.test(text);
const HOSTNAME =
  /^([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9\-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.))+([a-zA-Z\p{L}]){2,63})$/u;
const BYTE = '(0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])';
const MAC_COLONS = /^[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}(([:-][0-9a-fA-F]{2}){2}(([:-][0-9a-fA-F]{2}){12})?)?$/;
const MAC_DOTS = /^[0-9a-fA-F]{4}(\.[0-9a-fA-F]{4}){2}((\.[0-9a-fA-F]{4})(\.[0-9a-fA-F]{4}){6}|(\.[0-9a-fA-F]{4}))?$/;

/** Formats of strings that are checked, by name without dashes; what they accept is what kube-openapi `strfmt` does. */
const STRING_FORMATS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['bsonobjectid', matches(/^[0-9a-fA-F]{24}$/)],
  ['uri', isRequestUri],
  ['email', isEmail],
  ['hostname', isHostname],
  ['ipv4', (text) => isIpv4Address(text) || (text.includes('.') && isIpv6Address(text))],
  ['ipv6', isIpv6Address],
  ['cidr', isCidr],
  ['mac', (text) => (MAC_COLONS.test(text) && sameSeparators(text)) || MAC_DOTS.test(text)],
  ['uuid', matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i)],
  ['uuid3', matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i)],
  ['uuid4', matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i)],
  ['uuid5', matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i)],
  ['isbn', (text) => isIsbn10(text) || isIsbn13(text)],
  ['isbn10', isIsbn10],
  ['isbn13', isIsbn13],
  ['creditcard', checkDigitsOfCard],
  ['ssn', (text) => text.length === 11 && /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text)],
  ['hexcolor', matches(/^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/)],
  ['rgbcolor', matches(new RegExp(`^rgb\\(\\s*${BYTE}\\s*,\\s*${BYTE}\\s*,\\s*${BYTE}\\s*\\)$`))],
  ['byte', isBase64],
  ['password', () => true],
  ['date', isDate],
  ['duration', isDuration],
  ['datetime', isDateTime],
  ['k8sshortname', (text) => text.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text)],
  [
    'k8slongname',
    (text) => text.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text),
  ],
]);

const OTHER_FORMATS: Readonly<Record<string, readonly string[]>> = {
  integer: ['int32', 'int64'],
  number: ['float', 'double'],
};

/** The format if it is one that is checked for values of the type, else the empty string. */
export function checkedFormat(types: readonly string[], format: string): string {
  const type = types.length === 1 ? types[0] : '';
  if (type === '' || type === 'string') return STRING_FORMATS.has(format.replaceAll('-', '')) ? format : '';
  return (type === undefined ? [] : (OTHER_FORMATS[type] ?? [])).includes(format) ? format : '';
}

/** Whether a text has the format; undefined when strings are not checked against that format. */
export function hasFormat(text: string, format: string): boolean | undefined {
  return STRING_FORMATS.get(format.replaceAll('-', ''))?.(text);
}

function isHostname(text: string): boolean {
  if (text.length > 255 || text.split('.').some((part) => Buffer.byteLength(part) > 63)) return false;
  return HOSTNAME.test(text);
}

function isBase64(text: string): boolean {
  if (text.length === 0 || text.length % 4 !== 0) return false;
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}

/** An address as a mail header has it: `a@b.c` or `Name <a@b.c>`. */
function isEmail(text: string): boolean {
  const address = /^[^<>]*<([^<>]+)>\s*$/.exec(text)?.[1] ?? text.trim();
  const at = address.lastIndexOf('@');
  const [local, domain] = [address.slice(0, at), address.slice(at + 1)];
  if (at <= 0 || domain === '') return false;
  const word = /^[\w!#$%&'*+\-/=?^`{|}~\u0080-\uffff]+(\.[\w!#$%&'*+\-/=?^`{|}~\u0080-\uffff]+)*$/u;
  return (
    (word.test(local) || /^"([^"\\\r\n]|\\.)*"$/.test(local)) && (word.test(domain) || /^\[[^[\]]+\]$/.test(domain))
  );
}

/** An absolute URI or an absolute path, without control characters. */
function isRequestUri(text: string): boolean {
  if (text === '' || /[\u0000-\u001f\u007f]/.test(text) || /%(?![0-9a-fA-F]{2})/.test(text)) return false;
  return text.startsWith('/') || text === '*' || /^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(text);
}

function isCidr(text: string): boolean {
  const [address = '', bits = '', ...more] = text.split('/');
  if (more.length > 0 || !/^\d{1,3}$/.test(bits)) return false;
  if (isIpv4Address(address)) return Number(bits) <= 32;
  return isIpv6Address(address) && Number(bits) <= 128;
}

function sameSeparators(text: string): boolean {
  return !(text.includes(':') && text.includes('-'));
}
