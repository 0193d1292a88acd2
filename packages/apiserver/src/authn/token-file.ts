import { createHash } from 'node:crypto';
import type { TokenAuthenticator, TokenIdentity } from './token.js';

/** A token file that cannot be understood. */
export class TokenFileError extends Error {
  constructor(line: number, why: string) {
    super(`line ${line} of the token file: ${why}`);
    this.name = 'TokenFileError';
  }
}

/**
 * Static tokens from CSV lines `token,user,uid,"group1,group2"`, the last column optional (upstream's `tokenfile`).
 * Tokens are kept as hashes and looked up by hash, so that the time of an answer tells nothing of a token. Throws
 * TokenFileError.
 */
export function tokenFileAuthenticator(csv: string): TokenAuthenticator {
  const users = new Map<string, TokenIdentity>();
  csv.split(/\r?\n/).forEach((line, at) => {
    if (line.trim() === '' || line.startsWith('#')) return;
    const [token = '', name = '', uid = '', groups = ''] = splitCsv(line, at + 1);
    if (token === '' || name === '') throw new TokenFileError(at + 1, 'a token and a user name are needed');
    const named = groups.split(',').map((group) => group.trim());
    const user = { name, uid, groups: named.filter((group) => group !== ''), extra: {} };
    users.set(hash(token), { user, audiences: undefined });
  });
  return { authenticateToken: (token) => users.get(hash(token)) };
}

function hash(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}

/** RFC 4180 fields of one line. */
function splitCsv(line: string, at: number): string[] {
  const fields: string[] = [];
  const field = /\s*(?:"((?:[^"]|"")*)"|([^,"]*))\s*(?:,|$)/y;
  while (field.lastIndex < line.length) {
    const match = field.exec(line);
    if (match === null) throw new TokenFileError(at, 'a quote is not closed');
    fields.push(match[1] === undefined ? (match[2] ?? '').trim() : match[1].replaceAll('""', '"'));
  }
  return fields;
}
