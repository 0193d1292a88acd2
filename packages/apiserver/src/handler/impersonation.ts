import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import { newBadRequest, newForbidden } from '@kcp/apimachinery/errors/status-error';
import type { ClusterScope } from '@kcp/apimachinery/meta/cluster-name';
import { ANONYMOUS, authenticated, UNAUTHENTICATED_GROUP, type UserInfo } from '../authn/user.js';
import type { Authorizer, ResourceAttributes } from '../authz/authorizer.js';
import type { ApiRequest } from '../http/exchange.js';

const PREFIX = 'impersonate-';
const EXTRA = 'impersonate-extra-';
const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;

/**
 * The user as whom a request is to be carried out: the one that the Impersonate-* headers name, after the requester has
 * been authorized for the user, every group, the uid and every extra value. Throws 400 and 403.
 */
export async function impersonate(
  request: ApiRequest,
  user: UserInfo,
  scope: ClusterScope,
  authorizer: Authorizer,
): Promise<UserInfo> {
  const headers = request.headersWith(PREFIX);
  if (headers.size === 0) return user;
  const wanted = readHeaders(headers);
  for (const step of stepsOf(wanted)) await check(authorizer, user, scope, step);
  return completed(wanted);
}

interface Step {
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name: string;
}

function readHeaders(headers: ReadonlyMap<string, readonly string[]>): UserInfo {
  const name = headers.get('impersonate-user')?.[0] ?? '';
  const extra: Record<string, readonly string[]> = {};
  for (const [header, values] of headers) {
    if (header.startsWith(EXTRA)) extra[decodeURIComponent(header.slice(EXTRA.length))] = values;
  }
  const groups = headers.get('impersonate-group') ?? [];
  const uid = headers.get('impersonate-uid')?.[0] ?? '';
  if (name === '') {
    throw newBadRequest(`requested ${JSON.stringify([...headers.keys()])} without impersonating a user`);
  }
  return { name, uid, groups, extra };
}

function stepsOf({ name, uid, groups, extra }: UserInfo): Step[] {
  const account = SERVICE_ACCOUNT.exec(name);
  const group = 'authentication.k8s.io';
  return [
    account
      ? { group: '', resource: 'serviceaccounts', namespace: account[1] ?? '', name: account[2] ?? '' }
      : { group: '', resource: 'users', name },
    ...groups.map((each) => ({ group: '', resource: 'groups', name: each })),
    ...(uid === '' ? [] : [{ group, resource: 'uids', name: uid }]),
    ...Object.entries(extra).flatMap(([key, values]) =>
      values.map((value) => ({ group, resource: 'userextras', subresource: key, name: value })),
    ),
  ];
}

async function check(authorizer: Authorizer, user: UserInfo, scope: ClusterScope, step: Step): Promise<void> {
  const { group, resource, subresource = '', namespace = '', name } = step;
  const attributes: ResourceAttributes = {
    kind: 'resource',
    user,
    scope,
    verb: 'impersonate',
    group,
    version: 'v1',
    resource,
    subresource,
    namespace,
    name,
  };
  const { decision, reason } = await authorizer.authorize(attributes);
  if (decision === 'allow') return;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${goQuote(namespace)}`;
  const text = `User ${goQuote(user.name)} cannot impersonate resource ${goQuote(resource)} in API group ${goQuote(group)} ${where}`;
  throw newForbidden({ group, resource }, name, reason === '' ? text : `${text}: ${reason}`);
}

/** Service accounts get their groups when none are named; everybody but the anonymous user is authenticated. */
function completed(user: UserInfo): UserInfo {
  if (user.name === ANONYMOUS.name)
    return { ...user, groups: user.groups.length > 0 ? user.groups : [UNAUTHENTICATED_GROUP] };
  const account = SERVICE_ACCOUNT.exec(user.name);
  const accountGroups = account ? ['system:serviceaccounts', `system:serviceaccounts:${account[1]}`] : [];
  return authenticated(user.groups.length === 0 ? { ...user, groups: accountGroups } : user);
}
