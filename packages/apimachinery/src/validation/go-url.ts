import { goQuote } from '../errors/go-quote.js';

/** The parts of a URL as Go's `net/url` finds them; empty where there is none. */
export interface GoUrl {
  readonly scheme: string;
  readonly host: string;
  /** `name` or `name:password`; undefined without an `@`. */
  readonly user: string | undefined;
  readonly query: string;
  /** Decoded. */
  readonly fragment: string;
}

/** What Go says about a text that is no URL. */
export class GoUrlError extends Error {
  constructor(url: string, why: string) {
    super(`parse ${goQuote(url)}: ${why}`);
    this.name = 'GoUrlError';
  }
}

const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):/;
const BAD_ESCAPE = /%(?![0-9A-Fa-f]{2}).{0,2}/;
const USER = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/;
const BAD_HOST = /[ "#%/?^`{}|\\]/;

/**
 * Splits a URL as Go does, which takes nearly everything for one, where the URL of browsers does not. Throws
 * GoUrlError.
 */
export function parseGoUrl(text: string): GoUrl {
  if (/[\u0000-\u001f\u007f]/.test(text)) throw new GoUrlError(text, 'net/url: invalid control character in URL');
  const [whole, fragment] = cut(text, '#');
  if (whole.startsWith(':')) throw new GoUrlError(text, 'missing protocol scheme');
  const scheme = SCHEME.exec(whole)?.[1] ?? '';
  const [rest, query] = cut(scheme === '' ? whole : whole.slice(scheme.length + 1), '?');
  checkPath(text, scheme, rest);
  const authority = rest.startsWith('//') && (scheme !== '' || !rest.startsWith('///')) ? authorityOf(rest) : '';
  const at = authority.lastIndexOf('@');
  const user = at < 0 ? undefined : authority.slice(0, at);
  const host = authority.slice(at + 1);
  checkAuthority(text, user, host);
  for (const part of [fragment, rest.slice(authority.length)]) checkEscapes(text, part);
  return { scheme: scheme.toLowerCase(), host, user, query, fragment: decodeURIComponentLeniently(fragment) };
}

function cut(text: string, separator: string): [before: string, after: string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function authorityOf(rest: string): string {
  return cut(rest.slice(2), '/')[0];
}

function checkPath(text: string, scheme: string, rest: string): void {
  if (rest.startsWith('/') || scheme !== '' || !cut(rest, '/')[0].includes(':')) return;
  throw new GoUrlError(text, 'first path segment in URL cannot contain colon');
}

function checkAuthority(text: string, user: string | undefined, host: string): void {
  if (user !== undefined && !USER.test(user)) throw new GoUrlError(text, 'net/url: invalid userinfo');
  const port = /^\[.*\](.*)$/.exec(host)?.[1] ?? /:[^:]*$/.exec(host)?.[0] ?? '';
  if (!/^(:\d*)?$/.test(port)) throw new GoUrlError(text, `invalid port ${goQuote(port)} after host`);
  const bad = BAD_HOST.exec(host)?.[0];
  if (bad !== undefined) throw new GoUrlError(text, `invalid character ${goQuote(bad)} in host name`);
}

function checkEscapes(text: string, part: string): void {
  const bad = BAD_ESCAPE.exec(part)?.[0];
  if (bad !== undefined) throw new GoUrlError(text, `invalid URL escape ${goQuote(bad)}`);
}

/** Escapes are whole, but what they stand for may be no UTF-8. */
function decodeURIComponentLeniently(text: string): string {
  const bytes = text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return text.includes('%') ? Buffer.from(bytes, 'latin1').toString('utf8') : text;
}
