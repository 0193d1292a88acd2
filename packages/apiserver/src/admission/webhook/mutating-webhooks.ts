import { newInternalError, newTimeout } from '@kcp/apimachinery/errors/status-error';
import { stringify } from '@kcp/apimachinery/json/stringify';
import type { JsonObject, JsonValue } from '@kcp/apimachinery/json/value';
import type { AdmissionAttributes, AdmissionPlugin } from '../admission.js';
import { configuresAdmission } from '../exempt.js';
import { Turns } from '../turns.js';
import { VersionedObjects } from '../versioned-objects.js';
import type { AdmissionWebhook } from './admission-webhook.js';
import { applyWebhookPatch } from './apply-webhook-patch.js';
import { callWebhook, FailedWebhook } from './call-webhook.js';
import type { Invocation } from './match-webhook.js';
import type { WebhookPluginParts } from './webhook-source.js';

const MUTATION = 'mutation.webhook.admission.k8s.io/';
const PATCH = 'patch.webhook.admission.k8s.io/';

/** Upstream's MutatingAdmissionWebhook: webhooks that change objects, one after the other. */
export class MutatingWebhooks implements AdmissionPlugin {
  readonly name = 'MutatingAdmissionWebhook';
  readonly #parts: WebhookPluginParts;

  constructor(parts: WebhookPluginParts) {
    this.#parts = parts;
  }

  admit(attributes: AdmissionAttributes): Promise<void> | void {
    if (configuresAdmission(attributes)) return;
    const webhooks = this.#parts.source.of(attributes.cluster);
    if (webhooks instanceof Promise) return webhooks.then((loaded) => this.#run(loaded, attributes));
    if (webhooks.length > 0) return this.#run(webhooks, attributes);
  }

  async #run(webhooks: readonly AdmissionWebhook[], attributes: AdmissionAttributes): Promise<void> {
    const turns = attributes.reinvocation.memory(this, () => new Turns());
    if (attributes.reinvocation.isAgain && !turns.isAsLeft(attributes.object)) turns.changed();
    const objects = new VersionedObjects(attributes);
    for (const [index, webhook] of webhooks.entries()) {
      const invocation = await this.#parts.matcher.match(webhook, attributes, objects);
      if (invocation === undefined) continue;
      if (attributes.reinvocation.isAgain && !turns.getsAnother(webhook.uid)) continue;
      await this.#turn(invocation, attributes, objects, turns, index);
    }
    turns.leave(attributes.object);
  }

  async #turn(
    invocation: Invocation,
    attributes: AdmissionAttributes,
    objects: VersionedObjects,
    turns: Turns,
    index: number,
  ): Promise<void> {
    const { webhook } = invocation;
    let changed = false;
    try {
      changed = await this.#mutate(invocation, attributes, objects, index);
    } catch (error) {
      if (!(error instanceof FailedWebhook)) throw error;
      failOpen(error, webhook, attributes, `failed-open.${MUTATION}${place(attributes, index)}`);
    } finally {
      annotateMutation(webhook, attributes, index, changed);
    }
    if (changed) {
      turns.changed();
      attributes.reinvocation.ask();
    }
    if (webhook.reinvocable) turns.had(webhook.uid);
  }

  async #mutate(
    invocation: Invocation,
    attributes: AdmissionAttributes,
    objects: VersionedObjects,
    index: number,
  ): Promise<boolean> {
    const pair = await objects.in(invocation.form);
    const answer = await callWebhook(this.#parts.client, invocation, attributes, pair, true);
    const applied = await applyWebhookPatch(answer, invocation, attributes, pair.object);
    if (applied === undefined) return false;
    objects.changed();
    annotatePatch(invocation.webhook, attributes, index, applied.patch);
    return applied.changed;
  }
}

/** Goes on without the webhook where its configuration says so. Throws 500, or 504 when there is no time left. */
export function failOpen(
  error: FailedWebhook,
  { failsOpen, name }: AdmissionWebhook,
  attributes: AdmissionAttributes,
  annotation: string,
): void {
  if (!failsOpen) throw newInternalError(error.message);
  if (attributes.request.signal.aborted) throw newTimeout('request did not complete within requested timeout', 0);
  attributes.annotate(annotation, name);
}

function place({ reinvocation }: AdmissionAttributes, index: number): string {
  return `round_${reinvocation.round}_index_${index}`;
}

function annotateMutation(
  { configuration, name }: AdmissionWebhook,
  attributes: AdmissionAttributes,
  index: number,
  mutated: boolean,
): void {
  const value: JsonObject = { configuration, webhook: name, mutated };
  attributes.annotate(`${MUTATION}${place(attributes, index)}`, stringify(value));
}

function annotatePatch(
  { configuration, name }: AdmissionWebhook,
  attributes: AdmissionAttributes,
  index: number,
  patch: JsonValue,
): void {
  const value: JsonObject = { configuration, webhook: name, patch, patchType: 'JSONPatch' };
  attributes.annotate(`${PATCH}${place(attributes, index)}`, stringify(value));
}
