import type { BearerTokens } from '../authn/token.js';
import type { Authorizer } from '../authz/authorizer.js';
import type { RuleResolver } from '../authz/rule-resolver.js';
import type { ResourceCatalog } from '../registry/catalog.js';
import type { ResourceType } from '../registry/resource-type.js';
import type { ExpressionChecker } from './admissionregistration/expression-checker.js';
import { mutatingPolicies } from './admissionregistration/mutating-policies.js';
import { MUTATING_POLICY_BINDINGS, VALIDATING_POLICY_BINDINGS } from './admissionregistration/policy-bindings.js';
import { validatingPolicies } from './admissionregistration/validating-policies.js';
import { webhookConfigurations } from './admissionregistration/webhook-configurations.js';
import { DEFINITIONS, DEFINITIONS_V1BETA1 } from './apiextensions/definitions.js';
import { apiServices } from './apiregistration/api-services.js';
import { SIGNING_REQUESTS } from './certificates/signing-requests.js';
import { CONFIG_MAPS } from './core/config-maps.js';
import { LIMIT_RANGES } from './core/limit-ranges.js';
import { NAMESPACES } from './core/namespaces.js';
import { RESOURCE_QUOTAS } from './core/resource-quotas.js';
import { SECRETS } from './core/secrets.js';
import { serviceAccounts } from './core/service-accounts.js';
import { type TokenRequestDependencies, tokenRequests } from './core/token-request.js';
import { CORE_EVENTS, EVENTS } from './events/events.js';
import { LEASES } from './leases.js';
import { CLUSTER_ROLE_BINDINGS, ROLE_BINDINGS } from './rbac/role-bindings.js';
import { CLUSTER_ROLES, ROLES } from './rbac/roles.js';
import { accessReviews } from './reviews/access-reviews.js';
import { rulesReview } from './reviews/rules-review.js';
import { SELF_SUBJECT_REVIEWS } from './reviews/self-review.js';
import { tokenReview } from './reviews/token-review.js';

/** What the types that answer questions ask. */
export interface BuiltinDependencies {
  readonly authorizer: Authorizer;
  readonly rules: RuleResolver;
  readonly tokens: BearerTokens;
  readonly accountTokens: TokenRequestDependencies;
  /** Judges the expressions of webhook configurations and admission policies. */
  readonly expressions: ExpressionChecker;
  /** When this server began, in milliseconds since 1970. */
  readonly since: number;
  /** Everything that is served; there once the server is assembled. */
  catalog(): ResourceCatalog;
}

/** Every type that each logical cluster has. */
export function builtinTypes(dependencies: BuiltinDependencies): readonly ResourceType[] {
  const { authorizer, rules, tokens, accountTokens, expressions, since } = dependencies;
  return [
    CONFIG_MAPS,
    CORE_EVENTS,
    LIMIT_RANGES,
    NAMESPACES,
    RESOURCE_QUOTAS,
    SECRETS,
    serviceAccounts(tokenRequests(accountTokens)),
    ...webhookConfigurations(expressions),
    validatingPolicies(expressions),
    VALIDATING_POLICY_BINDINGS,
    mutatingPolicies(expressions),
    MUTATING_POLICY_BINDINGS,
    DEFINITIONS,
    DEFINITIONS_V1BETA1,
    SIGNING_REQUESTS,
    EVENTS,
    LEASES,
    CLUSTER_ROLE_BINDINGS,
    CLUSTER_ROLES,
    ROLE_BINDINGS,
    ROLES,
    SELF_SUBJECT_REVIEWS,
    tokenReview(tokens),
    ...accessReviews(authorizer),
    rulesReview(rules),
    apiServices(dependencies.catalog, since),
  ];
}
