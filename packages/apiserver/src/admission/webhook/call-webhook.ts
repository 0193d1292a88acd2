import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import { stringify } from '@kcp/apimachinery/json/stringify';
import { WebhookCallError } from '../../webhook/call-error.js';
import type { WebhookClient } from '../../webhook/webhook-client.js';
import { webhookTarget } from '../../webhook/webhook-target.js';
import type { AdmissionAttributes } from '../admission.js';
import type { VersionedPair } from '../versioned-objects.js';
import { type AdmissionAnswer, admissionAnswer } from './admission-answer.js';
import { type AdmissionQuestion, admissionQuestion } from './admission-review.js';
import type { Invocation } from './match-webhook.js';
import { dryRunUnsupported, rejection } from './rejection.js';

/** A webhook brought no decision; whether that refuses the write is up to its failurePolicy. */
export class FailedWebhook extends Error {
  constructor(webhook: string, cause: WebhookCallError) {
    super(`failed calling webhook ${goQuote(webhook)}: ${cause.message}`, { cause });
    this.name = 'FailedWebhook';
  }
}

/**
 * Asks one webhook and passes its warnings and annotations on. Throws the StatusError of a refusal, 400 for a trial
 * write that the webhook is not made for, and FailedWebhook.
 */
export async function callWebhook(
  client: WebhookClient,
  invocation: Invocation,
  attributes: AdmissionAttributes,
  objects: VersionedPair,
  mutating: boolean,
): Promise<AdmissionAnswer> {
  const { webhook } = invocation;
  if (attributes.dryRun && !webhook.allowsDryRun) throw dryRunUnsupported(webhook.name);
  const answer = await ask(client, invocation, attributes, objects, mutating);
  for (const [key, value] of answer.auditAnnotations) attributes.annotate(`${webhook.name}/${key}`, value);
  for (const text of answer.warnings) attributes.warn(text);
  if (!answer.allowed) throw rejection(webhook.name, answer.result);
  return answer;
}

async function ask(
  client: WebhookClient,
  invocation: Invocation,
  attributes: AdmissionAttributes,
  objects: VersionedPair,
  mutating: boolean,
): Promise<AdmissionAnswer> {
  try {
    const question = admissionQuestion(invocation, attributes, objects);
    const body = await post(client, invocation, attributes, question);
    return admissionAnswer(body, question, mutating);
  } catch (error) {
    if (error instanceof WebhookCallError) throw new FailedWebhook(invocation.webhook.name, error);
    throw error;
  }
}

async function post(
  client: WebhookClient,
  { webhook }: Invocation,
  { request }: AdmissionAttributes,
  { review }: AdmissionQuestion,
): Promise<Buffer> {
  const { clientConfig, timeoutSeconds } = webhook;
  const target = prefixed('could not get REST client', () => webhookTarget(clientConfig));
  const body = Buffer.from(stringify(review), 'utf8');
  try {
    return await client.post(target, body, { timeoutSeconds, signal: request.signal });
  } catch (error) {
    return prefixed('failed to call webhook', () => {
      throw error;
    });
  }
}

/** Says in which step a call failed. */
function prefixed<T>(step: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof WebhookCallError) throw new WebhookCallError(`${step}: ${error.message}`, { cause: error });
    throw error;
  }
}
