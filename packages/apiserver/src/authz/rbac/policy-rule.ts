import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readObjects, readStrings } from '@kcp/apimachinery/schema/read';
import type { NonResourceAttributes, ResourceAttributes } from '../authorizer.js';

/** One entry of a role's `rules`, as it is stored. */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
  readonly nonResourceURLs: readonly string[];
}

const ALL = '*';

/** The rules of a decoded role or cluster role. */
export function rulesOf(role: JsonObject): readonly PolicyRule[] {
  return readObjects(role, 'rules').map(policyRule);
}

export function policyRule(rule: JsonObject): PolicyRule {
  return {
    verbs: readStrings(rule, 'verbs'),
    apiGroups: readStrings(rule, 'apiGroups'),
    resources: readStrings(rule, 'resources'),
    resourceNames: readStrings(rule, 'resourceNames'),
    nonResourceURLs: readStrings(rule, 'nonResourceURLs'),
  };
}

/** Whether the rule allows a request for a resource (upstream's `rbac.RuleAllows`). */
export function allowsResource(rule: PolicyRule, wanted: ResourceAttributes): boolean {
  return (
    includesOrAll(rule.verbs, wanted.verb) &&
    includesOrAll(rule.apiGroups, wanted.group) &&
    matchesResource(rule.resources, wanted.resource, wanted.subresource) &&
    (rule.resourceNames.length === 0 || rule.resourceNames.includes(wanted.name))
  );
}

/** Whether the rule allows a request for a path outside the API. */
export function allowsPath(rule: PolicyRule, { verb, path }: NonResourceAttributes): boolean {
  return includesOrAll(rule.verbs, verb) && rule.nonResourceURLs.some((pattern) => matchesPath(pattern, path));
}

/** `*`, `pods`, `pods/log` and `*` with a subresource; `pods` alone does not cover its subresources. */
function matchesResource(resources: readonly string[], resource: string, subresource: string): boolean {
  const wanted = subresource === '' ? resource : `${resource}/${subresource}`;
  if (includesOrAll(resources, wanted)) return true;
  return subresource !== '' && resources.includes(`${ALL}/${subresource}`);
}

function matchesPath(pattern: string, path: string): boolean {
  if (pattern === ALL || pattern === path) return true;
  return pattern.endsWith(ALL) && path.startsWith(pattern.slice(0, -1));
}

function includesOrAll(values: readonly string[], wanted: string): boolean {
  return values.includes(wanted) || values.includes(ALL);
}
