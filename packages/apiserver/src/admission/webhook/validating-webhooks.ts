import { newTimeout } from '@kcp/apimachinery/errors/status-error';
import type { AdmissionAttributes, AdmissionPlugin } from '../admission.js';
import { configuresAdmission } from '../exempt.js';
import { VersionedObjects } from '../versioned-objects.js';
import type { AdmissionWebhook } from './admission-webhook.js';
import { callWebhook, FailedWebhook } from './call-webhook.js';
import type { Invocation } from './match-webhook.js';
import { failOpen } from './mutating-webhooks.js';
import type { WebhookPluginParts } from './webhook-source.js';

const FAILED_OPEN = 'failed-open.validating.webhook.admission.k8s.io/';

/** Upstream's ValidatingAdmissionWebhook: webhooks that only say yes or no, all at the same time. */
export class ValidatingWebhooks implements AdmissionPlugin {
  readonly name = 'ValidatingAdmissionWebhook';
  readonly #parts: WebhookPluginParts;

  constructor(parts: WebhookPluginParts) {
    this.#parts = parts;
  }

  validate(attributes: AdmissionAttributes): Promise<void> | void {
    if (configuresAdmission(attributes)) return;
    const webhooks = this.#parts.source.of(attributes.cluster);
    if (webhooks instanceof Promise) return webhooks.then((loaded) => this.#run(loaded, attributes));
    if (webhooks.length > 0) return this.#run(webhooks, attributes);
  }

  async #run(webhooks: readonly AdmissionWebhook[], attributes: AdmissionAttributes): Promise<void> {
    const objects = new VersionedObjects(attributes);
    const invocations: Invocation[] = [];
    for (const webhook of webhooks) {
      const invocation = await this.#parts.matcher.match(webhook, attributes, objects);
      if (invocation !== undefined) invocations.push(invocation);
    }
    if (invocations.length === 0) return;
    if (attributes.request.signal.aborted) throw newTimeout('request did not complete within requested timeout', 0);
    await firstFailure(invocations.map((invocation, i) => this.#ask(invocation, attributes, objects, i)));
  }

  async #ask(
    invocation: Invocation,
    attributes: AdmissionAttributes,
    objects: VersionedObjects,
    index: number,
  ): Promise<void> {
    try {
      const pair = await objects.in(invocation.form);
      await callWebhook(this.#parts.client, invocation, attributes, pair, false);
    } catch (error) {
      if (!(error instanceof FailedWebhook)) throw error;
      failOpen(error, invocation.webhook, attributes, `${FAILED_OPEN}round_0_index_${index}`);
    }
  }
}

/** Waits for all, as their warnings count even when one refuses; then throws what failed first. */
async function firstFailure(asked: readonly Promise<void>[]): Promise<void> {
  const failures: unknown[] = [];
  const noted = asked.map((each) => each.catch((error: unknown) => failures.push(error)));
  await Promise.all(noted);
  if (failures.length > 0) throw failures[0];
}
