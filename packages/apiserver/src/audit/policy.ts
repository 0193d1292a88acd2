import type { UserInfo } from '../authn/user.js';
import type { AuthorizationAttributes } from '../authz/authorizer.js';

export type AuditLevel = 'None' | 'Metadata' | 'Request' | 'RequestResponse';
export type AuditStage = 'RequestReceived' | 'ResponseStarted' | 'ResponseComplete' | 'Panic';

/** How one request is put on record. */
export interface AuditConfig {
  readonly level: AuditLevel;
  readonly omitStages: ReadonlySet<AuditStage>;
  readonly omitManagedFields: boolean;
}

/** A rule of an `audit.k8s.io/v1` Policy; an empty list matches everything. */
export interface AuditRule extends AuditConfig {
  readonly users: readonly string[];
  readonly userGroups: readonly string[];
  readonly verbs: readonly string[];
  readonly resources: readonly GroupResources[];
  readonly namespaces: readonly string[];
  readonly nonResourceUrls: readonly string[];
}

export interface GroupResources {
  readonly group: string;
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
}

const UNMATCHED: AuditConfig = { level: 'None', omitStages: new Set(), omitManagedFields: false };

/** The first rule that matches says how a request is recorded; without one it is not. */
export class AuditPolicy {
  readonly #rules: readonly AuditRule[];

  constructor(rules: readonly AuditRule[]) {
    this.#rules = rules;
  }

  configFor(attributes: AuthorizationAttributes): AuditConfig {
    return this.#rules.find((rule) => matches(rule, attributes)) ?? UNMATCHED;
  }
}

function matches(rule: AuditRule, attributes: AuthorizationAttributes): boolean {
  if (!matchesUser(rule, attributes.user)) return false;
  if (rule.verbs.length > 0 && !rule.verbs.includes(attributes.verb)) return false;
  if (rule.namespaces.length > 0 || rule.resources.length > 0) return matchesResource(rule, attributes);
  if (rule.nonResourceUrls.length === 0) return true;
  return attributes.kind === 'nonResource' && rule.nonResourceUrls.some((spec) => matchesPath(spec, attributes.path));
}

function matchesUser({ users, userGroups }: AuditRule, { name, groups }: UserInfo): boolean {
  if (users.length > 0 && !users.includes(name)) return false;
  return userGroups.length === 0 || groups.some((group) => userGroups.includes(group));
}

function matchesPath(spec: string, path: string): boolean {
  return spec === '*' || spec === path || (spec.endsWith('*') && path.startsWith(spec.replace(/\*+$/, '')));
}

function matchesResource({ namespaces, resources }: AuditRule, attributes: AuthorizationAttributes): boolean {
  if (attributes.kind !== 'resource') return false;
  const { namespace, group, resource, subresource, name } = attributes;
  if (namespaces.length > 0 && !namespaces.includes(namespace)) return false;
  if (resources.length === 0) return true;
  return resources.some((wanted) => {
    if (wanted.group !== group && wanted.group !== '*') return false;
    if (wanted.resources.length === 0) return true;
    if (wanted.resourceNames.length > 0 && !wanted.resourceNames.includes(name)) return false;
    return wanted.resources.some((pattern) => matchesPattern(pattern, resource, subresource));
  });
}

/** `pods`, `pods/log`, `*`, `pods/*` (the pods themselves among them), `*` + `/log`. */
function matchesPattern(pattern: string, resource: string, subresource: string): boolean {
  const combined = subresource === '' ? resource : `${resource}/${subresource}`;
  if (pattern === '*' || pattern === combined) return true;
  if (subresource !== '' && pattern === `*/${subresource}`) return true;
  return pattern === `${resource}/*`;
}
