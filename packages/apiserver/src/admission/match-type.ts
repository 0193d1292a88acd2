import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import type { LabelSelector } from '@kcp/apimachinery/selectors/label-selector';
import type { ResourceCatalog } from '../registry/catalog.js';
import type { ResourceType } from '../registry/resource-type.js';
import type { AdmissionAttributes } from './admission.js';
import { type MatchRule, type RuleSubject, ruleMatches } from './match-rule.js';

/**
 * The type through which rules match a write: that of the request, else, where that counts, an equivalent one (another
 * version of the same objects), earlier rules first. Undefined when none does.
 */
export function matchingType(
  rules: readonly MatchRule[],
  equivalent: boolean,
  attributes: AdmissionAttributes,
  catalog: ResourceCatalog,
): ResourceType | undefined {
  const { type, cluster, subresource } = attributes;
  if (rules.some((rule) => ruleMatches(rule, subjectOf(attributes, type)))) return type;
  if (!equivalent) return undefined;
  const others = catalog
    .equivalents(cluster, type)
    .filter((other) => !sameResource(other, type) && (subresource === '' || other.subresources.has(subresource)));
  for (const rule of rules) {
    const found = others.find((other) => ruleMatches(rule, subjectOf(attributes, other)));
    if (found !== undefined) return found;
  }
  return undefined;
}

function subjectOf({ operation, subresource, namespace, name }: AdmissionAttributes, type: ResourceType): RuleSubject {
  return { operation, subresource, namespace, name, ...resourceOf(type) };
}

export function resourceOf({ gvk, names }: ResourceType): GroupVersionResource {
  return { group: gvk.group, version: gvk.version, resource: names.plural };
}

function sameResource(a: ResourceType, b: ResourceType): boolean {
  return a.gvk.group === b.gvk.group && a.gvk.version === b.gvk.version && a.names.plural === b.names.plural;
}

/** Either state of the object may have the labels, so that nobody gets out of sight by relabelling. */
export function objectMatches(selector: LabelSelector, { object, old }: AdmissionAttributes): boolean {
  if (selector.empty) return true;
  return [object, old].some((each) => each !== undefined && selector.matches(each.metadata.labels));
}
