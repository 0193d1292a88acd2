import { StatusError } from '@kcp/apimachinery/errors/status-error';
import { Recent } from '@kcp/apimachinery/recent/recent';
import { accountGroups } from '../../authn/service-account/account-claims.js';
import { ANONYMOUS, AUTHENTICATED_GROUP, UNAUTHENTICATED_GROUP, type UserInfo } from '../../authn/user.js';
import type { AuthorizationAttributes, Authorizer } from '../../authz/authorizer.js';
import { forbiddenError } from '../../authz/forbidden.js';
import type { ApiRequest } from '../../http/exchange.js';
import { IMPERSONATORS_MAX } from '../../limits.js';
import type { RequestInfo } from '../../request/request-info.js';
import { attributesOf } from '../attributes.js';
import { checkIdentity } from './checks.js';
import { accountOf, nodeOf } from './user-names.js';
import { wantedUser } from './wanted-user.js';

type Mode = 'associated-node' | 'arbitrary-node' | 'serviceaccount' | 'user-info' | 'legacy';

const MODES: readonly Mode[] = ['associated-node', 'arbitrary-node', 'serviceaccount', 'user-info', 'legacy'];
const NODES_GROUP = 'system:nodes';
const NODE_EXTRA = 'authentication.kubernetes.io/node-name';

/** As whom a request is carried out. */
export interface Impersonation {
  readonly user: UserInfo;
  /** The verb that gave leave; empty for the plain `impersonate`. */
  readonly constraint: string;
}

/**
 * Lets requests be carried out as somebody else. Leave is given by one of the constrained modes of KEP-5284, each for
 * certain verbs on certain resources only, or by the verb `impersonate` of old. The mode that served a requester last is
 * tried first, and the first refusal is the one that is told, as upstream.
 */
export class Impersonator {
  readonly #authorizer: Authorizer;
  readonly #lastMode = new Recent<string, Mode>(IMPERSONATORS_MAX);

  constructor(authorizer: Authorizer) {
    this.#authorizer = authorizer;
  }

  /** Undefined when the request names nobody else. Throws 400 and 403. */
  impersonate(request: ApiRequest, requester: UserInfo, info: RequestInfo): Promise<Impersonation> | undefined {
    const wanted = wantedUser(request);
    return wanted === undefined ? undefined : this.#tryModes(wanted, requester, info);
  }

  async #tryModes(wanted: UserInfo, requester: UserInfo, info: RequestInfo): Promise<Impersonation> {
    const last = this.#lastMode.get(requester.name);
    const order = last === undefined ? MODES : [last, ...MODES.filter((mode) => mode !== last)];
    let refusal: unknown;
    for (const mode of order) {
      if (!applies(mode, wanted, requester)) continue;
      try {
        await this.#check(mode, wanted, requester, info);
        this.#lastMode.set(requester.name, mode);
        return impersonation(mode, wanted);
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        refusal ??= error;
      }
    }
    throw refusal;
  }

  async #check(mode: Mode, wanted: UserInfo, requester: UserInfo, info: RequestInfo): Promise<void> {
    const constrained = mode !== 'legacy';
    if (constrained) {
      const attributes = attributesOf(info, requester);
      const on: AuthorizationAttributes = { ...attributes, verb: `impersonate-on:${mode}:${attributes.verb}` };
      const { decision, reason } = await this.#authorizer.authorize(on);
      if (decision !== 'allow') throw forbiddenError(on, reason);
    }
    const verb = constrained ? `impersonate:${mode}` : 'impersonate';
    // Leave to be the node one runs on holds for whatever node that is.
    const asked = mode === 'associated-node' ? { ...wanted, name: 'system:node:*' } : wanted;
    await checkIdentity({
      authorizer: this.#authorizer,
      requester,
      wanted: asked,
      scope: info.scope,
      verb,
      constrained,
    });
  }
}

function applies(mode: Mode, wanted: UserInfo, requester: UserInfo): boolean {
  const node = nodeOf(wanted.name);
  const account = accountOf(wanted.name);
  const nameOnly = wanted.uid === '' && wanted.groups.length === 0 && Object.keys(wanted.extra).length === 0;
  switch (mode) {
    case 'associated-node':
      return nameOnly && node !== undefined && runsOn(requester, node);
    case 'arbitrary-node':
      return nameOnly && node !== undefined;
    case 'serviceaccount':
      return nameOnly && account !== undefined;
    case 'user-info':
      return node === undefined && account === undefined;
    case 'legacy':
      return true;
  }
}

function runsOn({ name, extra }: UserInfo, node: string): boolean {
  const nodes = extra[NODE_EXTRA] ?? [];
  return accountOf(name) !== undefined && nodes.length === 1 && nodes[0] === node;
}

function impersonation(mode: Mode, wanted: UserInfo): Impersonation {
  const constrained = mode !== 'legacy';
  const groups = wanted.groups.length > 0 ? wanted.groups : impliedGroups(wanted.name, constrained);
  return {
    user: { ...wanted, groups: completed(wanted.name, groups) },
    constraint: constrained ? `impersonate:${mode}` : '',
  };
}

function impliedGroups(name: string, constrained: boolean): readonly string[] {
  const account = accountOf(name);
  if (account !== undefined) return accountGroups(account.namespace);
  return constrained && nodeOf(name) !== undefined ? [NODES_GROUP] : [];
}

/** Everybody is authenticated but the anonymous user and those who are said not to be. */
function completed(name: string, groups: readonly string[]): readonly string[] {
  const unauthenticated = groups.includes(UNAUTHENTICATED_GROUP);
  if (name === ANONYMOUS.name) return unauthenticated ? groups : [...groups, UNAUTHENTICATED_GROUP];
  return unauthenticated || groups.includes(AUTHENTICATED_GROUP) ? groups : [...groups, AUTHENTICATED_GROUP];
}
