import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { CachedObject } from '@kcp/storage/cache';
import { CONVERSION_BATCH_BYTES_MAX } from '../limits.js';
import { parseStored } from '../registry/parse-stored.js';
import type { RemoteConversion } from '../registry/resource-type.js';
import type { ConversionWebhook } from './conversion-webhook.js';
import type { CustomViews } from './custom-views.js';
import { VersionSchema } from './version-schema.js';

/** A version of a custom resource that meets its stored objects through a webhook. */
export class WebhookConversion implements RemoteConversion {
  readonly #schema: VersionSchema;
  readonly #views: CustomViews;
  readonly #webhook: ConversionWebhook;
  /** What is stored is pruned by the schema of the version it is stored in. */
  readonly #stored: VersionSchema;

  constructor(schema: VersionSchema, views: CustomViews, webhook: ConversionWebhook) {
    this.#schema = schema;
    this.#views = views;
    this.#webhook = webhook;
    const { definition } = schema;
    this.#stored = new VersionSchema(definition, definition.storageVersion);
  }

  async bring(objects: readonly KubeObject[]): Promise<KubeObject[]> {
    const converted = await this.#webhook.convert(objects, this.#schema.version.apiVersion);
    return converted.map((object) => this.#schema.restore(object));
  }

  async store(object: KubeObject): Promise<KubeObject> {
    const { apiVersion } = this.#stored.version;
    if (object.apiVersion === apiVersion) return object;
    const [converted = object] = await this.#webhook.convert([object], apiVersion);
    this.#stored.coerce(converted);
    this.#stored.prune(converted);
    return converted;
  }

  prepare(objects: readonly CachedObject[]): Promise<void> | undefined {
    const underWay = new Set<Promise<void>>();
    const fresh: CachedObject[] = [];
    for (const object of objects) {
      const pending = this.#views.pending(object);
      if (pending === 'unknown') fresh.push(object);
      else if (pending !== undefined) underWay.add(pending);
    }
    for (const batch of batches(fresh)) underWay.add(this.#start(batch));
    return underWay.size === 0 ? undefined : Promise.all(underWay).then(() => undefined);
  }

  #start(batch: readonly CachedObject[]): Promise<void> {
    const conversion = this.#convert(batch);
    for (const object of batch) this.#views.begin(object, conversion);
    return conversion;
  }

  async #convert(batch: readonly CachedObject[]): Promise<void> {
    try {
      const shown = await this.bring(batch.map(({ bytes }) => parseStored(bytes)));
      shown.forEach((object, i) => {
        const cached = batch[i];
        if (cached !== undefined) this.#views.keep(cached, object);
      });
    } catch (error) {
      for (const object of batch) this.#views.giveUp(object);
      throw error;
    }
  }
}

/** Cut so that no call carries more than the limit, except for a single object that is larger by itself. */
function batches(objects: readonly CachedObject[]): CachedObject[][] {
  const cut: CachedObject[][] = [];
  let bytes = CONVERSION_BATCH_BYTES_MAX;
  for (const object of objects) {
    bytes += object.bytes.length;
    const last = cut.at(-1);
    if (last !== undefined && bytes <= CONVERSION_BATCH_BYTES_MAX) last.push(object);
    else {
      cut.push([object]);
      bytes = object.bytes.length;
    }
  }
  return cut;
}
