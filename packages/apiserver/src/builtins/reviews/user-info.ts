import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { UserInfo } from '../../authn/user.js';

export const AUTHENTICATION = { group: 'authentication.k8s.io' };

/** A user as authentication.k8s.io shows one; what is empty is left out. */
export function userInfoOf({ name, uid, groups, extra }: UserInfo): JsonObject {
  const shown: JsonObject = {};
  if (name !== '') shown.username = name;
  if (uid !== '') shown.uid = uid;
  if (groups.length > 0) shown.groups = [...groups];
  const entries = Object.entries(extra);
  if (entries.length > 0) shown.extra = Object.fromEntries(entries.map(([key, values]) => [key, [...values]]));
  return shown;
}
