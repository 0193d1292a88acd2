import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import { MASTERS_GROUP, type UserInfo } from '../../authn/user.js';
import type { Authorizer, ResourceAttributes } from '../../authz/authorizer.js';
import { forbiddenError } from '../../authz/forbidden.js';
import { type Account, accountOf, nodeOf } from './user-names.js';

/** From so many groups or extra values on, leave for all of them is asked for first, as upstream. */
const MANY = 4;
const AUTHENTICATION = 'authentication.k8s.io';

/** Who wants to be whom, and the verb under which that is granted. */
export interface ImpersonationCheck {
  readonly authorizer: Authorizer;
  readonly requester: UserInfo;
  readonly wanted: UserInfo;
  readonly scope: ResourceAttributes['scope'];
  readonly verb: string;
  /** One of the modes of KEP-5284; without, the verb `impersonate` of old. */
  readonly constrained: boolean;
}

/** Throws 403 unless the requester may take every part of the identity: name, uid, groups, extra. */
export async function checkIdentity(check: ImpersonationCheck): Promise<void> {
  await allow(check, nameAttributes(check));
  const { uid, groups, extra } = check.wanted;
  if (uid !== '') await allow(check, attributes(check, AUTHENTICATION, 'uids', uid));
  await checkGroups(check, groups);
  await checkExtra(check, extra);
}

function nameAttributes(check: ImpersonationCheck): ResourceAttributes {
  const { wanted, constrained } = check;
  const group = constrained ? AUTHENTICATION : '';
  const node = constrained ? nodeOf(wanted.name) : undefined;
  if (node !== undefined) return attributes(check, group, 'nodes', node);
  const account: Account | undefined = accountOf(wanted.name);
  if (account === undefined) return attributes(check, group, 'users', wanted.name);
  return { ...attributes(check, group, 'serviceaccounts', account.name), namespace: account.namespace };
}

async function checkGroups(check: ImpersonationCheck, groups: readonly string[]): Promise<void> {
  if (groups.length === 0) return;
  const of = (name: string): ResourceAttributes =>
    attributes(check, check.constrained ? AUTHENTICATION : '', 'groups', name);
  if (check.constrained) {
    if (groups.includes('')) throw forbiddenError(of(''), 'impersonating the empty string group is not allowed');
    if (groups.includes(MASTERS_GROUP)) {
      throw forbiddenError(of(MASTERS_GROUP), 'impersonating the system:masters group is not allowed');
    }
    if (groups.length >= MANY && (await isAllowed(check, of('*')))) return;
  }
  for (const group of groups) await allow(check, of(group));
}

async function checkExtra(check: ImpersonationCheck, extra: UserInfo['extra']): Promise<void> {
  const of = (key: string, name: string): ResourceAttributes => ({
    ...attributes(check, AUTHENTICATION, 'userextras', name),
    subresource: key,
  });
  const pairs = Object.entries(extra).flatMap(([key, values]) => values.map((value) => [key, value] as const));
  if (check.constrained) {
    for (const [key, values] of Object.entries(extra)) {
      const fault = extraFault(key, values);
      if (fault !== undefined) throw forbiddenError(of('', ''), fault);
    }
    if (pairs.length >= MANY && (await isAllowed(check, of('*', '*')))) return;
  }
  for (const [key, value] of pairs) await allow(check, of(key, value));
}

const PREFIXED_PATH =
  /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/;

/** Stricter than the verb of old can be. */
function extraFault(key: string, values: readonly string[]): string | undefined {
  if (key === '') return 'impersonating the empty string key in extra is not allowed';
  if (!PREFIXED_PATH.test(key)) {
    return `impersonating an invalid key in extra is not allowed: extra.key: Invalid value: ${goQuote(key)}: must be a domain-prefixed path (such as "acme.io/foo")`;
  }
  if (key !== key.toLowerCase()) return `impersonating a non-lowercase key in extra is not allowed: ${goQuote(key)}`;
  if (values.length === 0) return 'impersonating empty values in extra is not allowed';
  return values.includes('') ? 'impersonating the empty string value in extra is not allowed' : undefined;
}

function attributes(
  { requester, scope, verb }: ImpersonationCheck,
  group: string,
  resource: string,
  name: string,
): ResourceAttributes {
  return {
    kind: 'resource',
    user: requester,
    scope,
    verb,
    group,
    version: 'v1',
    resource,
    subresource: '',
    namespace: '',
    name,
  };
}

async function isAllowed({ authorizer }: ImpersonationCheck, wanted: ResourceAttributes): Promise<boolean> {
  return (await authorizer.authorize(wanted)).decision === 'allow';
}

async function allow({ authorizer }: ImpersonationCheck, wanted: ResourceAttributes): Promise<void> {
  const { decision, reason } = await authorizer.authorize(wanted);
  if (decision !== 'allow') throw forbiddenError(wanted, reason);
}
