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

/** The first authorizer with an opinion decides; without one the answer is no. Answers at once while its members do. */
export function unionAuthorizer(members: readonly Authorizer[]): Authorizer {
  return { authorize: (attributes) => askFrom(members, 0, attributes, []) };
}

function askFrom(
  members: readonly Authorizer[],
  first: number,
  attributes: AuthorizationAttributes,
  reasons: string[],
): Promise<Decision> | Decision {
  for (let at = first; at < members.length; at++) {
    const answer = members[at]?.authorize(attributes) ?? NO_OPINION;
    if (answer instanceof Promise) {
      return answer.then((decision) =>
        isFinal(decision, reasons) ? decision : askFrom(members, at + 1, attributes, reasons),
      );
    }
    if (isFinal(answer, reasons)) return answer;
  }
  return reasons.length === 0 ? NO_OPINION : { decision: 'noOpinion', reason: reasons.join('\n') };
}

function isFinal({ decision, reason }: Decision, reasons: string[]): boolean {
  if (decision === 'noOpinion' && reason !== '') reasons.push(reason);
  return decision !== 'noOpinion';
}
