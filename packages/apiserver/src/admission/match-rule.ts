import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readOptionalString, readStrings } from '@kcp/apimachinery/schema/read';

/** A write as rules see it; for an equivalent resource that one's names stand here. */
export interface RuleSubject {
  readonly operation: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

/** A `RuleWithOperations`, read once. */
export interface MatchRule {
  readonly operations: readonly string[];
  readonly groups: readonly string[];
  readonly versions: readonly string[];
  /** Resource and subresource, `*` for any; a resource alone means none of its subresources. */
  readonly resources: readonly (readonly [string, string])[];
  readonly scope: string;
  /** Names of objects; empty for all. Only the rules of policies have them. */
  readonly names: readonly string[];
}

const ANY = '*';

export function readRule(rule: JsonObject): MatchRule {
  return {
    operations: readStrings(rule, 'operations'),
    groups: readStrings(rule, 'apiGroups'),
    versions: readStrings(rule, 'apiVersions'),
    resources: readStrings(rule, 'resources').map(splitResource),
    scope: readOptionalString(rule, 'scope') ?? ANY,
    names: readStrings(rule, 'resourceNames'),
  };
}

function splitResource(text: string): readonly [string, string] {
  const slash = text.indexOf('/');
  return slash < 0 ? [text, ''] : [text.slice(0, slash), text.slice(slash + 1)];
}

export function ruleMatches(rule: MatchRule, subject: RuleSubject): boolean {
  return (
    scopeMatches(rule.scope, subject) &&
    (rule.names.length === 0 || rule.names.includes(subject.name)) &&
    has(rule.operations, subject.operation) &&
    has(rule.groups, subject.group) &&
    has(rule.versions, subject.version) &&
    rule.resources.some(([resource, sub]) => fits(resource, subject.resource) && fits(sub, subject.subresource))
  );
}

function has(allowed: readonly string[], value: string): boolean {
  return allowed.includes(ANY) || allowed.includes(value);
}

function fits(pattern: string, value: string): boolean {
  return pattern === ANY || pattern === value;
}

/** Namespaces carry their own name as namespace, but are of the cluster. */
function scopeMatches(scope: string, { group, version, resource, namespace }: RuleSubject): boolean {
  if (scope === ANY) return true;
  const isNamespace = group === '' && version === 'v1' && resource === 'namespaces';
  const ofCluster = isNamespace || namespace === '';
  return scope === 'Cluster' ? ofCluster : scope === 'Namespaced' && !ofCluster;
}
