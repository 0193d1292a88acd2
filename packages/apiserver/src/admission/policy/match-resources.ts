import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import { readObjects, readOptionalString } from '@kcp/apimachinery/schema/read';
import { EVERYTHING, type LabelSelector } from '@kcp/apimachinery/selectors/label-selector';
import { selectorOfObject } from '@kcp/apimachinery/selectors/label-selector-object';
import type { WatchCache } from '@kcp/storage/cache';
import type { ResourceCatalog } from '../../registry/catalog.js';
import type { ResourceType } from '../../registry/resource-type.js';
import type { AdmissionAttributes } from '../admission.js';
import { type MatchRule, readRule } from '../match-rule.js';
import { matchingType, objectMatches } from '../match-type.js';
import { namespaceMatches } from '../namespace-labels.js';

/** A `MatchResources` of a policy or binding, read once. */
export interface MatchResources {
  readonly rules: readonly MatchRule[];
  readonly excluded: readonly MatchRule[];
  readonly equivalent: boolean;
  readonly namespaceSelector: LabelSelector;
  readonly objectSelector: LabelSelector;
}

/** Throws SelectorError for selectors that no validation lets through. */
export function readMatchResources(resources: JsonObject): MatchResources {
  return {
    rules: readObjects(resources, 'resourceRules').map(readRule),
    excluded: readObjects(resources, 'excludeResourceRules').map(readRule),
    equivalent: readOptionalString(resources, 'matchPolicy') !== 'Exact',
    namespaceSelector: selectorOf(resources, 'namespaceSelector'),
    objectSelector: selectorOf(resources, 'objectSelector'),
  };
}

function selectorOf(resources: JsonObject, name: string): LabelSelector {
  const selector = resources[name];
  return isObject(selector) ? selectorOfObject(selector) : EVERYTHING;
}

/** The type through which a write is matched; undefined when it is not. Throws 404 for a namespace that is not there. */
export async function matchResources(
  resources: MatchResources,
  attributes: AdmissionAttributes,
  cache: WatchCache,
  catalog: ResourceCatalog,
): Promise<ResourceType | undefined> {
  const { rules, excluded, equivalent } = resources;
  if (!objectMatches(resources.objectSelector, attributes)) return undefined;
  if (matchingType(excluded, equivalent, attributes, catalog) !== undefined) return undefined;
  const type = rules.length === 0 ? attributes.type : matchingType(rules, equivalent, attributes, catalog);
  if (type === undefined) return undefined;
  return (await namespaceMatches(resources.namespaceSelector, attributes, cache)) ? type : undefined;
}
