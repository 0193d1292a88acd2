import { newForbidden } from '@kcp/apimachinery/errors/status-error';
import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import type { LabelSelector } from '@kcp/apimachinery/selectors/label-selector';
import type { WatchCache } from '@kcp/storage/cache';
import type { ResourceCatalog } from '../../registry/catalog.js';
import type { ResourceType } from '../../registry/resource-type.js';
import { resourceName } from '../../registry/write-scope.js';
import type { AdmissionAttributes } from '../admission.js';
import { type AdmissionForm, admissionForm } from '../admission-form.js';
import { type MatchRule, type RuleSubject, ruleMatches } from '../match-rule.js';
import { namespaceMatches } from '../namespace-labels.js';
import type { VersionedObjects } from '../versioned-objects.js';
import type { AdmissionWebhook } from './admission-webhook.js';

/** A webhook that is to be called about a write, and the version in which it wants to see it. */
export interface Invocation {
  readonly webhook: AdmissionWebhook;
  readonly form: AdmissionForm;
  readonly resource: GroupVersionResource;
}

/** Decides whether a webhook is called. */
export class WebhookMatcher {
  readonly #cache: WatchCache;
  readonly #catalog: () => ResourceCatalog;

  constructor(cache: WatchCache, catalog: () => ResourceCatalog) {
    this.#cache = cache;
    this.#catalog = catalog;
  }

  /** Undefined when the webhook has nothing to do with the write. Throws 404 and 403 as upstream. */
  async match(
    webhook: AdmissionWebhook,
    attributes: AdmissionAttributes,
    objects: VersionedObjects,
  ): Promise<Invocation | undefined> {
    // Rules need no waiting, and most webhooks are out by them; upstream's order shows only in errors, which come last.
    const type = this.#matchingType(webhook, attributes);
    if (type === undefined || !objectMatches(webhook.objectSelector, attributes)) return undefined;
    if (!(await namespaceMatches(webhook.namespaceSelector, attributes, this.#cache))) return undefined;
    const invocation = { webhook, form: admissionForm(type, attributes.subresource), resource: resourceOf(type) };
    return (await conditionsHold(invocation, attributes, objects)) ? invocation : undefined;
  }

  /** The type through which the rules match: that of the request, else an equivalent one, earlier rules first. */
  #matchingType({ rules, equivalent }: AdmissionWebhook, attributes: AdmissionAttributes): ResourceType | undefined {
    const { type, cluster, subresource } = attributes;
    if (anyMatches(rules, subjectOf(attributes, type))) return type;
    if (!equivalent) return undefined;
    const others = this.#catalog()
      .equivalents(cluster, type)
      .filter((other) => !sameResource(other, type) && (subresource === '' || other.subresources.has(subresource)));
    for (const rule of rules) {
      const found = others.find((other) => ruleMatches(rule, subjectOf(attributes, other)));
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

function anyMatches(rules: readonly MatchRule[], subject: RuleSubject): boolean {
  return rules.some((rule) => ruleMatches(rule, subject));
}

function subjectOf({ operation, subresource, namespace }: AdmissionAttributes, type: ResourceType): RuleSubject {
  return { operation, subresource, namespace, ...resourceOf(type) };
}

export function resourceOf({ gvk, names }: ResourceType): GroupVersionResource {
  return { group: gvk.group, version: gvk.version, resource: names.plural };
}

function sameResource(a: ResourceType, b: ResourceType): boolean {
  return a.gvk.group === b.gvk.group && a.gvk.version === b.gvk.version && a.names.plural === b.names.plural;
}

/** Either state of the object may have the labels, so that nobody gets out of a webhook's sight by relabelling. */
export function objectMatches(selector: LabelSelector, { object, old }: AdmissionAttributes): boolean {
  if (selector.empty) return true;
  return [object, old].some((each) => each !== undefined && selector.matches(each.metadata.labels));
}

async function conditionsHold(
  { webhook, form }: Invocation,
  attributes: AdmissionAttributes,
  objects: VersionedObjects,
): Promise<boolean> {
  if (webhook.conditions === undefined) return true;
  const { object, old } = await objects.in(form);
  const result = webhook.conditions.matches({ attributes, kind: form.kind, object, oldObject: old });
  if ('matches' in result) return result.matches;
  if (webhook.failsOpen) return false;
  throw newForbidden(resourceName(attributes.type), attributes.name, result.error);
}
