import type { WatchCache } from '@kcp/storage/cache';
import type { ResourceCatalog } from '../../registry/catalog.js';
import type { WebhookClient } from '../../webhook/webhook-client.js';
import type { AdmissionPlugin } from '../admission.js';
import type { CompileMatchConditions } from '../match-conditions.js';
import { WebhookMatcher } from './match-webhook.js';
import { MutatingWebhooks } from './mutating-webhooks.js';
import { ValidatingWebhooks } from './validating-webhooks.js';
import { WebhookSource } from './webhook-source.js';

/** What both plugins stand on. */
export interface WebhookPluginParts {
  readonly source: WebhookSource;
  readonly matcher: WebhookMatcher;
  readonly client: WebhookClient;
}

export interface WebhookPluginOptions {
  readonly cache: WatchCache;
  /** Asked for when the first write comes, so that the catalogue may be made later. */
  readonly catalog: () => ResourceCatalog;
  readonly client: WebhookClient;
  readonly conditions: CompileMatchConditions;
}

/** The two webhook plugins; policies stand before each of them in the chain. */
export function webhookPlugins({ cache, catalog, client, conditions }: WebhookPluginOptions): {
  readonly mutating: AdmissionPlugin;
  readonly validating: AdmissionPlugin;
} {
  const matcher = new WebhookMatcher(cache, catalog);
  const sourceOf = (resource: string): WebhookSource => new WebhookSource(cache, resource, conditions);
  return {
    mutating: new MutatingWebhooks({ source: sourceOf('mutatingwebhookconfigurations'), matcher, client }),
    validating: new ValidatingWebhooks({ source: sourceOf('validatingwebhookconfigurations'), matcher, client }),
  };
}
