import type { ClusterScope } from '@kcp/apimachinery/meta/cluster-name';
import type { UserInfo } from '../authn/user.js';

/** A user may do `verbs` to `resources`; an empty list of names stands for all. */
export interface ResourceRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
}

/** A user may do `verbs` to paths outside the API. */
export interface NonResourceRule {
  readonly verbs: readonly string[];
  readonly nonResourceURLs: readonly string[];
}

export interface ResolvedRules {
  readonly resourceRules: readonly ResourceRule[];
  readonly nonResourceRules: readonly NonResourceRule[];
  /** There are rules that could not be found out. */
  readonly incomplete: boolean;
  /** Why; empty when nothing went wrong. */
  readonly evaluationError: string;
}

/** Tells what a user may do in a namespace, where an authorizer only says yes or no to one thing. */
export interface RuleResolver {
  rulesFor(user: UserInfo, scope: ClusterScope, namespace: string): Promise<ResolvedRules> | ResolvedRules;
}

/** A webhook says yes or no to one thing and cannot tell all; the text is upstream's. */
export const webhookRules: RuleResolver = {
  rulesFor: () => ({
    resourceRules: [],
    nonResourceRules: [],
    incomplete: true,
    evaluationError: 'webhook authorizer does not support user rule resolution',
  }),
};

/** All that the members know of, in their order. */
export function unionRules(members: readonly RuleResolver[]): RuleResolver {
  return {
    async rulesFor(user, scope, namespace) {
      const all = await Promise.all(members.map((member) => member.rulesFor(user, scope, namespace)));
      return {
        resourceRules: all.flatMap((one) => one.resourceRules),
        nonResourceRules: all.flatMap((one) => one.nonResourceRules),
        incomplete: all.some((one) => one.incomplete),
        evaluationError: all
          .map((one) => one.evaluationError)
          .filter((text) => text !== '')
          .join(', '),
      };
    },
  };
}
