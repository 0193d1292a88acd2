import type { ClusterScope } from '@kcp/apimachinery/meta/cluster-name';
import { MASTERS_GROUP, type UserInfo } from '../authn/user.js';

/** What somebody wants to do. */
export type AuthorizationAttributes = ResourceAttributes | NonResourceAttributes;

export interface ResourceAttributes {
  readonly kind: 'resource';
  readonly user: UserInfo;
  readonly scope: ClusterScope;
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

export interface NonResourceAttributes {
  readonly kind: 'nonResource';
  readonly user: UserInfo;
  readonly scope: ClusterScope;
  /** The method in lower case. */
  readonly verb: string;
  readonly path: string;
}

export interface Decision {
  readonly decision: 'allow' | 'deny' | 'noOpinion';
  /** For people and for reviews; empty when there is nothing to say. */
  readonly reason: string;
}

export interface Authorizer {
  authorize(attributes: AuthorizationAttributes): Promise<Decision> | Decision;
}

const ALLOW: Decision = { decision: 'allow', reason: '' };
const NO_OPINION: Decision = { decision: 'noOpinion', reason: '' };

/** Lets `system:masters` do everything, as upstream's privileged group authorizer. */
export const mastersAuthorizer: Authorizer = {
  authorize: ({ user }) => (user.groups.includes(MASTERS_GROUP) ? ALLOW : NO_OPINION),
};

/** Health probes need no identity. */
export const ALWAYS_ALLOWED_PATHS = ['/healthz', '/livez', '/readyz'];

/** Allows the given paths and what lies below them to everybody. */
export function pathAuthorizer(paths: readonly string[]): Authorizer {
  return {
    authorize(attributes) {
      if (attributes.kind !== 'nonResource') return NO_OPINION;
      const { path } = attributes;
      return paths.some((open) => path === open || path.startsWith(`${open}/`)) ? ALLOW : NO_OPINION;
    },
  };
}

/** The first authorizer with an opinion decides; without one the answer is no. */
export function unionAuthorizer(members: readonly Authorizer[]): Authorizer {
  return {
    async authorize(attributes) {
      const reasons: string[] = [];
      for (const member of members) {
        const answer = member.authorize(attributes);
        const decision = answer instanceof Promise ? await answer : answer;
        if (decision.decision !== 'noOpinion') return decision;
        if (decision.reason !== '') reasons.push(decision.reason);
      }
      return { decision: 'noOpinion', reason: reasons.join('\n') };
    },
  };
}
