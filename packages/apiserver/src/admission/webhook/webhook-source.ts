import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { MemoSlot, ResourceCache, WatchCache } from '@kcp/storage/cache';
import type { StorageResource } from '@kcp/storage/key';
import { newMemoSlot } from '@kcp/storage/watch-cache/memo';
import { parseStored } from '../../registry/parse-stored.js';
import type { WebhookClient } from '../../webhook/webhook-client.js';
import type { ExpressionEngine } from '../expression-engine.js';
import { type AdmissionWebhook, compileWebhooks } from './admission-webhook.js';
import type { WebhookMatcher } from './match-webhook.js';

/** What both plugins of webhooks stand on. */
export interface WebhookPluginParts {
  readonly source: WebhookSource;
  readonly matcher: WebhookMatcher;
  readonly client: WebhookClient;
}

const NONE: readonly AdmissionWebhook[] = [];

/**
 * The webhooks of a logical cluster, straight from the watch cache: whoever has seen a configuration there is subject
 * to it. Each configuration is compiled once per revision; a cluster without any costs one look.
 */
export class WebhookSource {
  readonly #cache: WatchCache;
  readonly #resource: StorageResource;
  readonly #engine: ExpressionEngine;
  readonly #slot: MemoSlot<readonly AdmissionWebhook[]> = newMemoSlot<readonly AdmissionWebhook[]>('webhooks');

  constructor(cache: WatchCache, resource: string, engine: ExpressionEngine) {
    this.#cache = cache;
    this.#resource = { group: 'admissionregistration.k8s.io', resource, custom: false, namespaced: false };
    this.#engine = engine;
  }

  /** In upstream's order: by the names of the configurations, then as each lists them. */
  of(cluster: ClusterName): Promise<readonly AdmissionWebhook[]> | readonly AdmissionWebhook[] {
    const loaded = this.#cache.loaded(this.#resource);
    if (loaded === undefined) return this.#cache.resource(this.#resource).then((cache) => this.#in(cache, cluster));
    return this.#in(loaded, cluster);
  }

  #in(configurations: ResourceCache, cluster: ClusterName): readonly AdmissionWebhook[] {
    if (configurations.count(cluster, '') === 0) return NONE;
    return configurations
      .list(cluster, '')
      .items.flatMap((each) => each.memo(this.#slot, () => compileWebhooks(parseStored(each.bytes), this.#engine)));
  }
}
