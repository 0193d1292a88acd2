import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { GroupVersionKind } from '@kcp/apimachinery/meta/resource';
import { readObject, readObjects, readStrings } from '@kcp/apimachinery/schema/read';
import type { DiscoveredResource } from '@kcp/client/discovery/discover';

/** Kinds that the expressions of one policy are checked against, at the most (upstream's limit). */
export const CHECKED_KINDS_MAX = 10;

/** A kind that a policy names, and the resource that it is served as. */
export interface CheckedKind {
  readonly gvk: GroupVersionKind;
  readonly resource: string;
}

/** The kinds that `spec.matchConstraints` names one by one; what is matched by a wildcard is not checked. */
export function checkedKinds(spec: JsonObject, served: readonly DiscoveredResource[]): readonly CheckedKind[] {
  const found = new Map<string, CheckedKind>();
  const rules = readObjects(readObject(spec, 'matchConstraints') ?? {}, 'resourceRules');
  for (const rule of rules) {
    for (const kind of kindsOfRule(rule, served)) found.set(kindText(kind.gvk), kind);
  }
  const texts = [...found.keys()].sort().slice(0, CHECKED_KINDS_MAX);
  return texts.flatMap((text) => found.get(text) ?? []);
}

function kindsOfRule(rule: JsonObject, served: readonly DiscoveredResource[]): CheckedKind[] {
  const named = (member: string): string[] =>
    readStrings(rule, member).filter((name) => name !== '*' && !name.includes('/'));
  const kinds: CheckedKind[] = [];
  for (const group of readStrings(rule, 'apiGroups').filter((name) => name !== '*')) {
    for (const version of named('apiVersions')) {
      for (const resource of named('resources')) {
        const match = served.find((each) => each.group === group && each.resource === resource);
        if (match !== undefined) kinds.push({ gvk: { group, version, kind: match.kind }, resource });
      }
    }
  }
  return kinds;
}

/** As Go prints a kind: `apps/v1, Kind=Deployment`. */
export function kindText({ group, version, kind }: GroupVersionKind): string {
  return `${group}/${version}, Kind=${kind}`;
}
