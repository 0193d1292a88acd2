import { goQuote } from '../../../errors/go-quote.js';
import { AddressError, parseAddress } from './address.js';

/** A URL as Go's `net/url` takes it apart. */
export interface GoUrl {
  readonly text: string;
  readonly scheme: string;
  /** With the port. */
  readonly host: string;
  readonly escapedPath: string;
  readonly query: string;
}

/** A text that is no absolute URI or path; the message is Go's. */
export class GoUrlError extends Error {}

/** Parses as Go's `url.ParseRequestURI`. Throws GoUrlError. */
export function parseRequestUri(text: string): GoUrl {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof GoUrlError) throw new GoUrlError(`parse ${goQuote(text)}: ${error.message}`);
    throw error;
  }
}

function parse(text: string): GoUrl {
  if (/[\x00-\x1f\x7f]/.test(text)) throw new GoUrlError('net/url: invalid control character in URL');
  if (text === '') throw new GoUrlError('empty url');
  if (text === '*') return { text, scheme: '', host: '', escapedPath: '*', query: '' };
  if (text.startsWith(':')) throw new GoUrlError('missing protocol scheme');
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(text)?.[1] ?? '';
  const afterScheme = scheme === '' ? text : text.slice(scheme.length + 1);
  const mark = afterScheme.indexOf('?');
  const query = mark < 0 ? '' : afterScheme.slice(mark + 1);
  const rest = mark < 0 ? afterScheme : afterScheme.slice(0, mark);
  if (!rest.startsWith('/')) {
    if (scheme === '') throw new GoUrlError('invalid URI for request');
    return { text, scheme: scheme.toLowerCase(), host: '', escapedPath: '', query };
  }
  const hasAuthority = scheme !== '' && rest.startsWith('//');
  const slash = hasAuthority ? rest.indexOf('/', 2) : 0;
  const authority = hasAuthority ? rest.slice(2, slash < 0 ? undefined : slash) : '';
  const path = slash < 0 ? '' : rest.slice(slash);
  const host = hasAuthority ? parseAuthority(scheme.toLowerCase(), authority) : '';
  return { text, scheme: scheme.toLowerCase(), host, escapedPath: escapePath(path), query };
}

function parseAuthority(scheme: string, authority: string): string {
  const at = authority.lastIndexOf('@');
  const user = at < 0 ? '' : authority.slice(0, at);
  const host = parseHost(scheme, authority.slice(at + 1));
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) throw new GoUrlError('net/url: invalid userinfo');
  checkEscapes(user);
  return host;
}

function parseHost(scheme: string, host: string): string {
  const open = host.lastIndexOf('[');
  if (open > 0) throw new GoUrlError('invalid IP-literal');
  if (open === 0) return parseBracketed(host);
  const colon = scheme === 'http' || scheme === 'https' ? host.indexOf(':') : host.lastIndexOf(':');
  if (colon >= 0) checkPort(host.slice(colon));
  return unescapeHost(host);
}

function parseBracketed(host: string): string {
  const close = host.lastIndexOf(']');
  if (close < 0) throw new GoUrlError("missing ']' in host");
  checkPort(host.slice(close + 1));
  const name = unescapeHost(host.slice(1, close).replace('%25', '%'));
  try {
    if (parseAddress(name).bits === 32) throw new GoUrlError('invalid IP-literal');
  } catch (error) {
    if (error instanceof AddressError) throw new GoUrlError(`invalid host: ${error.message}`);
    throw error;
  }
  return `[${name}]${host.slice(close + 1)}`;
}

function checkPort(port: string): void {
  if (!/^(:\d*)?$/.test(port)) throw new GoUrlError(`invalid port ${goQuote(port)} after host`);
}

function unescapeHost(host: string): string {
  const wrong = /[ "<>\\^`{|}]/.exec(host)?.[0];
  if (wrong !== undefined) throw new GoUrlError(`invalid character ${goQuote(wrong)} in host name`);
  if (!host.includes('%')) return host;
  checkEscapes(host);
  const ascii = /%[0-7][0-9a-fA-F]/.exec(host)?.[0];
  if (ascii !== undefined) throw new GoUrlError(`invalid URL escape ${goQuote(ascii)}`);
  return decode(host);
}

function checkEscapes(text: string): void {
  const wrong = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(text)?.[0];
  if (wrong !== undefined) throw new GoUrlError(`invalid URL escape ${goQuote(wrong)}`);
}

/** The path as it is when all its characters may stand in one, else escaped anew. */
function escapePath(path: string): string {
  checkEscapes(path);
  if (/^[A-Za-z0-9\-_.~$&+,/:;=@!'()*%[\]]*$/.test(path)) return path;
  return Array.from(Buffer.from(decode(path), 'latin1'), (byte) => {
    const char = String.fromCharCode(byte);
    return /[A-Za-z0-9\-_.~$&+,/:;=@]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

/** Escapes and other characters as bytes, one character each. */
function decode(text: string): string {
  const bytes = Buffer.from(text, 'utf8').toString('latin1');
  return bytes.replace(/%([0-9a-fA-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** The host without its port and brackets. */
export function hostname({ host }: GoUrl): string {
  return splitPort(host)[0];
}

export function port({ host }: GoUrl): string {
  return splitPort(host)[1];
}

function splitPort(host: string): [name: string, port: string] {
  const colon = host.lastIndexOf(':');
  const hasPort = colon >= 0 && /^:\d*$/.test(host.slice(colon));
  const name = hasPort ? host.slice(0, colon) : host;
  const bare = name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name;
  return [bare, hasPort ? host.slice(colon + 1) : ''];
}

/** The query's values by key; what cannot be read is left out, as Go does. */
export function queryValues({ query }: GoUrl): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>();
  for (const part of query.split('&')) {
    if (part === '' || part.includes(';') || /%(?![0-9a-fA-F]{2})/.test(part)) continue;
    const at = part.indexOf('=');
    const [key, value] = [at < 0 ? part : part.slice(0, at), at < 0 ? '' : part.slice(at + 1)].map(unescapeQuery);
    if (key === undefined || value === undefined) continue;
    const known = values.get(key);
    if (known === undefined) values.set(key, [value]);
    else known.push(value);
  }
  return values;
}

function unescapeQuery(text: string): string {
  return Buffer.from(decode(text.replaceAll('+', ' ')), 'latin1').toString('utf8');
}
