import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import type { PolicyRule } from './policy-rule.js';

const ALL = '*';

/**
 * The single rights of `wanted` that `owned` does not cover; each names one verb, and one resource with at most one name,
 * or one path (upstream's `validation.Covers`).
 */
export function missingRights(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(singleRights).filter((right) => !owned.some((rule) => covers(rule, right)));
}

/** Upstream's words for rights that are not held, those that differ only in their verbs put together. */
export function describeRights(rights: readonly PolicyRule[]): string {
  const texts = new Set(compact(rights).map(describeRule));
  return [...texts].sort().join('\n');
}

function singleRights(rule: PolicyRule): PolicyRule[] {
  const rights: PolicyRule[] = [];
  for (const verb of rule.verbs) {
    for (const group of rule.apiGroups) {
      for (const resource of rule.resources) {
        const right = { ...NO_RIGHT, verbs: [verb], apiGroups: [group], resources: [resource] };
        if (rule.resourceNames.length === 0) rights.push(right);
        for (const name of rule.resourceNames) rights.push({ ...right, resourceNames: [name] });
      }
    }
    for (const path of rule.nonResourceURLs) rights.push({ ...NO_RIGHT, verbs: [verb], nonResourceURLs: [path] });
  }
  return rights;
}

const NO_RIGHT: PolicyRule = { verbs: [], apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: [] };

/** Whether a rule gives a single right. */
function covers(owner: PolicyRule, right: PolicyRule): boolean {
  if (!hasAll(owner.verbs, right.verbs)) return false;
  if (right.nonResourceURLs.length > 0) return right.nonResourceURLs.every((path) => coversPath(owner, path));
  return (
    hasAll(owner.apiGroups, right.apiGroups) &&
    right.resources.every((resource) => coversResource(owner.resources, resource)) &&
    (owner.resourceNames.length === 0 ||
      (right.resourceNames.length > 0 && right.resourceNames.every((name) => owner.resourceNames.includes(name))))
  );
}

function hasAll(owned: readonly string[], wanted: readonly string[]): boolean {
  return owned.includes(ALL) || wanted.every((value) => owned.includes(value));
}

function coversResource(owned: readonly string[], resource: string): boolean {
  if (owned.includes(ALL) || owned.includes(resource)) return true;
  const slash = resource.indexOf('/');
  return slash >= 0 && owned.includes(`${ALL}${resource.slice(slash)}`);
}

function coversPath({ nonResourceURLs }: PolicyRule, path: string): boolean {
  return nonResourceURLs.some(
    (owned) => owned === ALL || owned === path || (owned.endsWith(ALL) && path.startsWith(owned.slice(0, -1))),
  );
}

/** Rights to one resource, or one name of it, that differ in their verbs alone become one. */
function compact(rights: readonly PolicyRule[]): PolicyRule[] {
  const together = new Map<string, PolicyRule>();
  const paths: PolicyRule[] = [];
  for (const right of rights) {
    if (right.nonResourceURLs.length > 0) {
      paths.push(right);
      continue;
    }
    const key = JSON.stringify({ ...right, verbs: [] });
    const known = together.get(key);
    together.set(key, known === undefined ? right : { ...known, verbs: [...known.verbs, ...right.verbs] });
  }
  return [...paths, ...together.values()];
}

function describeRule(rule: PolicyRule): string {
  const parts = [
    listed('APIGroups', rule.apiGroups),
    listed('Resources', rule.resources),
    listed('NonResourceURLs', rule.nonResourceURLs),
    listed('ResourceNames', rule.resourceNames),
    listed('Verbs', rule.verbs),
  ];
  return `{${parts.filter((part) => part !== '').join(', ')}}`;
}

function listed(name: string, values: readonly string[]): string {
  return values.length === 0 ? '' : `${name}:${goList(values)}`;
}

/** A list as Go's `%q` prints it. */
export function goList(values: readonly string[]): string {
  return `[${values.map(goQuote).join(' ')}]`;
}
