import { newForbidden } from '@kcp/apimachinery/errors/status-error';
import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import type { WatchCache } from '@kcp/storage/cache';
import type { ResourceCatalog } from '../../registry/catalog.js';
import { resourceName } from '../../registry/write-scope.js';
import type { AdmissionAttributes } from '../admission.js';
import { type AdmissionForm, admissionForm } from '../admission-form.js';
import { admissionRequest } from '../admission-request.js';
import { conditionsHold } from '../match-conditions.js';
import { matchingType, objectMatches, resourceOf } from '../match-type.js';
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
    const type = matchingType(webhook.rules, webhook.equivalent, attributes, this.#catalog());
    if (type === undefined || !objectMatches(webhook.objectSelector, attributes)) return undefined;
    if (!(await namespaceMatches(webhook.namespaceSelector, attributes, this.#cache))) return undefined;
    const invocation = { webhook, form: admissionForm(type, attributes.subresource), resource: resourceOf(type) };
    return (await wanted(invocation, attributes, objects)) ? invocation : undefined;
  }
}

async function wanted(
  invocation: Invocation,
  attributes: AdmissionAttributes,
  objects: VersionedObjects,
): Promise<boolean> {
  const { conditions, failsOpen } = invocation.webhook;
  if (conditions === undefined) return true;
  const { object, old } = await objects.in(invocation.form);
  const request = { ...admissionRequest(invocation, attributes), options: attributes.options };
  const input = { attributes, object, oldObject: old, request, params: undefined, namespaceObject: undefined };
  const result = conditionsHold(conditions, input);
  if ('matches' in result) return result.matches;
  if (failsOpen) return false;
  throw newForbidden(resourceName(attributes.type), attributes.name, result.error);
}
