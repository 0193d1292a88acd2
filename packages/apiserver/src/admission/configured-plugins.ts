import type { WatchCache } from '@kcp/storage/cache';
import type { ResourceCatalog } from '../registry/catalog.js';
import type { WebhookClient } from '../webhook/webhook-client.js';
import type { AdmissionPlugin } from './admission.js';
import type { ExpressionEngine } from './expression-engine.js';
import { MutatingPolicies } from './policy/mutating-policies.js';
import { PolicyMatcher } from './policy/policy-match.js';
import { ValidatingPolicies } from './policy/validating-policies.js';
import { WebhookMatcher } from './webhook/match-webhook.js';
import { MutatingWebhooks } from './webhook/mutating-webhooks.js';
import { ValidatingWebhooks } from './webhook/validating-webhooks.js';
import { WebhookSource } from './webhook/webhook-source.js';

export interface ConfiguredPluginsOptions {
  readonly cache: WatchCache;
  /** Asked for when the first write comes, so that the catalogue may be made later. */
  readonly catalog: () => ResourceCatalog;
  readonly client: WebhookClient;
  readonly engine: ExpressionEngine;
}

/** Admission as each logical cluster configures it. In upstream's order: after the built-in plugins, before quotas. */
export function configuredPlugins({ cache, catalog, client, engine }: ConfiguredPluginsOptions): AdmissionPlugin[] {
  const policies = new PolicyMatcher(cache, catalog);
  const webhooks = new WebhookMatcher(cache, catalog);
  const sourceOf = (resource: string): WebhookSource => new WebhookSource(cache, resource, engine);
  return [
    new MutatingPolicies(cache, policies, engine),
    new MutatingWebhooks({ source: sourceOf('mutatingwebhookconfigurations'), matcher: webhooks, client }),
    new ValidatingPolicies(cache, policies, engine),
    new ValidatingWebhooks({ source: sourceOf('validatingwebhookconfigurations'), matcher: webhooks, client }),
  ];
}
