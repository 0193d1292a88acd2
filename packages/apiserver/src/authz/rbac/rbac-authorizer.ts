import { ALL_CLUSTERS, type ClusterScope } from '@kcp/apimachinery/meta/cluster-name';
import type { UserInfo } from '../../authn/user.js';
import type { AuthorizationAttributes, Authorizer, Decision } from '../authorizer.js';
import type { ResolvedRules, RuleResolver } from '../rule-resolver.js';
import type { Grant } from './cluster-policy.js';
import type { Policies } from './policies.js';
import { allowsPath, allowsResource, type PolicyRule } from './policy-rule.js';

const NO_OPINION: Decision = { decision: 'noOpinion', reason: '' };

/**
 * Role-based access control within each logical cluster, with upstream's reasons. It never denies; across all clusters
 * at once it has no opinion.
 */
export class RbacAuthorizer implements Authorizer, RuleResolver {
  readonly #policies: Policies;

  constructor(policies: Policies) {
    this.#policies = policies;
  }

  authorize(attributes: AuthorizationAttributes): Decision {
    const { user, scope } = attributes;
    if (scope === ALL_CLUSTERS) return NO_OPINION;
    const namespace = attributes.kind === 'resource' ? attributes.namespace : '';
    const missing = new Set<string>();
    for (const grant of this.#policies.grantsOf(user, scope, namespace)) {
      if (grant.missing !== undefined) missing.add(grant.missing);
      else if (allows(grant, attributes)) {
        return { decision: 'allow', reason: `RBAC: allowed by ${grant.description}` };
      }
    }
    return missing.size === 0 ? NO_OPINION : { decision: 'noOpinion', reason: `RBAC: ${aggregate(missing)}` };
  }

  rulesFor(user: UserInfo, scope: ClusterScope, namespace: string): ResolvedRules {
    const { rules, missing } = this.policyRulesFor(user, scope, namespace);
    return {
      resourceRules: rules.filter(({ resources }) => resources.length > 0),
      nonResourceRules: rules.filter(({ nonResourceURLs }) => nonResourceURLs.length > 0),
      incomplete: missing.size > 0,
      evaluationError: missing.size === 0 ? '' : aggregate(missing),
    };
  }

  /** The rules as they stand in roles, and what is to be said of roles that are not there. */
  policyRulesFor(
    user: UserInfo,
    scope: ClusterScope,
    namespace: string,
  ): { readonly rules: readonly PolicyRule[]; readonly missing: ReadonlySet<string> } {
    const missing = new Set<string>();
    const rules: PolicyRule[] = [];
    if (scope === ALL_CLUSTERS) return { rules, missing };
    for (const grant of this.#policies.grantsOf(user, scope, namespace)) {
      if (grant.missing !== undefined) missing.add(grant.missing);
      rules.push(...grant.rules);
    }
    return { rules, missing };
  }
}

function allows({ rules }: Grant, attributes: AuthorizationAttributes): boolean {
  return attributes.kind === 'resource'
    ? rules.some((rule) => allowsResource(rule, attributes))
    : rules.some((rule) => allowsPath(rule, attributes));
}

/** As upstream prints one fault or several. */
function aggregate(texts: ReadonlySet<string>): string {
  const all = [...texts];
  return all.length === 1 ? (all[0] ?? '') : `[${all.join(', ')}]`;
}
