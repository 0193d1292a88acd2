import { goQuote } from '../../../errors/go-quote.js';

/** An IP address: its value as a number, and 32 or 128 bits. */
export interface Address {
  readonly value: bigint;
  readonly bits: 32 | 128;
}

/** A text that is no address; the message is that of Go's `net/netip`. */
export class AddressError extends Error {}

function failure(text: string, message: string, at?: string): AddressError {
  const place = at === undefined ? '' : ` (at ${goQuote(at)})`;
  return new AddressError(`ParseAddr(${goQuote(text)}): ${message}${place}`);
}

/** Parses as Go's `netip.ParseAddr`; zones are refused by callers and so are not kept. Throws AddressError. */
export function parseAddress(text: string): Address {
  const mark = /[.:%]/.exec(text)?.[0];
  if (mark === '.') return { value: parseFields(text, text), bits: 32 };
  if (mark === ':') return { value: parseIpv6(text), bits: 128 };
  throw failure(text, mark === '%' ? 'missing IPv6 address' : 'unable to parse IP');
}

/** Four decimal fields. */
function parseFields(text: string, fields: string): bigint {
  let value = 0n;
  let octet = 0;
  let digits = 0;
  let count = 0;
  for (let i = 0; i < fields.length; i++) {
    const char = fields[i] ?? '';
    if (/\d/.test(char)) {
      if (digits === 1 && octet === 0) throw failure(text, 'IPv4 field has octet with leading zero');
      octet = octet * 10 + Number(char);
      digits++;
      if (octet > 255) throw failure(text, 'IPv4 field has value >255');
    } else if (char === '.') {
      if (i === 0 || i === fields.length - 1 || fields[i - 1] === '.') {
        throw failure(text, 'IPv4 field must have at least one digit', fields.slice(i));
      }
      if (count === 3) throw failure(text, 'IPv4 address too long');
      value = (value << 8n) | BigInt(octet);
      count++;
      [octet, digits] = [0, 0];
    } else throw failure(text, 'unexpected character', fields.slice(i));
  }
  if (count < 3) throw failure(text, 'IPv4 address too short');
  return (value << 8n) | BigInt(octet);
}

function parseIpv6(text: string): bigint {
  const percent = text.indexOf('%');
  if (percent === text.length - 1) throw failure(text, 'zone must be a non-empty string');
  let rest = percent < 0 ? text : text.slice(0, percent);
  const groups: number[] = [];
  let gap = -1;
  if (rest.startsWith('::')) {
    gap = 0;
    rest = rest.slice(2);
    if (rest === '') return 0n;
  }
  while (groups.length < 8) {
    const hex = /^[0-9a-fA-F]*/.exec(rest)?.[0] ?? '';
    if (hex.length > 4) throw failure(text, 'each group must have 4 or less digits', rest);
    if (hex === '') throw failure(text, 'each colon-separated field must have at least one digit', rest);
    if (rest[hex.length] === '.') {
      appendIpv4(text, rest, groups, gap);
      rest = '';
      break;
    }
    groups.push(Number.parseInt(hex, 16));
    rest = rest.slice(hex.length);
    if (rest === '') break;
    if (!rest.startsWith(':')) throw failure(text, 'unexpected character, want colon', rest);
    if (rest.length === 1) throw failure(text, 'colon must be followed by more characters', rest);
    rest = rest.slice(1);
    if (!rest.startsWith(':')) continue;
    if (gap >= 0) throw failure(text, 'multiple :: in address', rest);
    gap = groups.length;
    rest = rest.slice(1);
    if (rest === '') break;
  }
  if (rest !== '') throw failure(text, 'trailing garbage after address', rest);
  return joined(text, groups, gap);
}

function appendIpv4(text: string, rest: string, groups: number[], gap: number): void {
  if (gap < 0 && groups.length !== 6) {
    throw failure(text, 'embedded IPv4 address must replace the final 2 fields of the address', rest);
  }
  if (groups.length > 6) {
    throw failure(text, 'too many hex fields to fit an embedded IPv4 at the end of the address', rest);
  }
  const value = Number(parseFields(text, rest));
  groups.push(Math.floor(value / 65536), value % 65536);
}

function joined(text: string, groups: readonly number[], gap: number): bigint {
  const missing = 8 - groups.length;
  if (missing > 0 && gap < 0) throw failure(text, 'address string too short');
  if (missing === 0 && gap >= 0) throw failure(text, 'the :: must expand to at least one field of zeros');
  const all = gap < 0 ? groups : [...groups.slice(0, gap), ...Array<number>(missing).fill(0), ...groups.slice(gap)];
  return all.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

/** Whether an IPv6 address stands for an IPv4 one (`::ffff:1.2.3.4`). */
export function isMapped({ value, bits }: Address): boolean {
  return bits === 128 && value >> 32n === 0xffffn;
}

/** The canonical text: dotted, or RFC 5952. */
export function formatAddress({ value, bits }: Address): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(112 - 16 * i)) & 0xffffn));
  const [start, length] = longestZeros(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

function longestZeros(groups: readonly number[]): [start: number, length: number] {
  let best: [number, number] = [0, 0];
  for (let i = 0; i < groups.length; i++) {
    let end = i;
    while (groups[end] === 0) end++;
    if (end - i > best[1]) best = [i, end - i];
    if (end > i) i = end;
  }
  return best;
}

/** The address with all bits behind the first `length` cleared. */
export function maskAddress({ value, bits }: Address, length: number): Address {
  const shift = BigInt(bits - length);
  return { value: (value >> shift) << shift, bits };
}
