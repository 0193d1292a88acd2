import { MASTERS_GROUP } from '../authn/user.js';
import type { ResolvedRules, RuleResolver } from '../authz/rule-resolver.js';

const NOTHING: ResolvedRules = { resourceRules: [], nonResourceRules: [], incomplete: false, evaluationError: '' };
const EVERYTHING: ResolvedRules = {
  ...NOTHING,
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], resourceNames: [] }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
};

/** The rules of a server without RBAC, where `system:masters` may do everything and nobody else anything. */
export const mastersRules: RuleResolver = {
  rulesFor: ({ groups }) => (groups.includes(MASTERS_GROUP) ? EVERYTHING : NOTHING),
};
