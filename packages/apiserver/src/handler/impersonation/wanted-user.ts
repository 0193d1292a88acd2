import { newBadRequest } from '@kcp/apimachinery/errors/status-error';
import { extraFromHeaders } from '../../authn/header-extra.js';
import type { UserInfo } from '../../authn/user.js';
import type { ApiRequest } from '../../http/exchange.js';

const PREFIX = 'impersonate-';
const EXTRA = 'impersonate-extra-';
const USER = 'impersonate-user';
const GROUP = 'impersonate-group';
const UID = 'impersonate-uid';

/** Whom the Impersonate-* headers name, as they name him; undefined without any. Throws 400 for a group, uid or extra of nobody. */
export function wantedUser(request: ApiRequest): UserInfo | undefined {
  const headers = request.headersWith(PREFIX);
  if (headers.size === 0) return undefined;
  const name = headers.get(USER)?.[0] ?? '';
  const uid = headers.get(UID)?.[0] ?? '';
  const groups = headers.get(GROUP) ?? [];
  const hasExtra = [...headers.keys()].some((header) => header.startsWith(EXTRA));
  if (name !== '') return { name, uid, groups, extra: extraFromHeaders(headers, [EXTRA]) };
  if (uid !== '' || groups.length > 0 || hasExtra) {
    throw newBadRequest(`requested ${JSON.stringify([...headers.keys()])} without impersonating a user name`);
  }
  return undefined;
}
