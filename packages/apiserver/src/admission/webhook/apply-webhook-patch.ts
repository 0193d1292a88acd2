import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import { newInternalError, StatusError } from '@kcp/apimachinery/errors/status-error';
import { parseJson } from '@kcp/apimachinery/json/parse';
import { JsonSyntaxError } from '@kcp/apimachinery/json/syntax-error';
import { deepClone, deepEqual, type JsonObject, type JsonValue } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { applyJsonPatch } from '@kcp/apimachinery/patch/json-patch';
import { JsonPatchError } from '@kcp/apimachinery/patch/json-patch-error';
import { WebhookCallError } from '../../webhook/call-error.js';
import type { AdmissionAttributes } from '../admission.js';
import { asDocument, replaceContents } from '../admission-form.js';
import type { AdmissionAnswer } from './admission-answer.js';
import { FailedWebhook } from './call-webhook.js';
import type { Invocation } from './match-webhook.js';

/**
 * Applies what a mutating webhook answered to the object of the write. `shown` is the object as the webhook saw it.
 * Returns the decoded patch and whether it changed anything; undefined when there was none. Throws FailedWebhook for
 * what is no patch, 500 for one that does not fit.
 */
export async function applyWebhookPatch(
  { patch: text, patchType }: AdmissionAnswer,
  { webhook, form }: Invocation,
  attributes: AdmissionAttributes,
  shown: KubeObject | undefined,
): Promise<{ readonly patch: JsonValue; readonly changed: boolean } | undefined> {
  const patch = text === undefined ? [] : decodePatch(webhook.name, text);
  if (Array.isArray(patch) && patch.length === 0) return undefined;
  const { object, type } = attributes;
  if (shown === undefined || object === undefined) {
    const why = 'attempted to modify the object, which is not supported for this operation';
    throw newInternalError(`admission webhook ${goQuote(webhook.name)} ${why}`);
  }
  if (patchType !== 'JSONPatch') {
    throw new FailedWebhook(webhook.name, new WebhookCallError(`unsupported patch type ${goQuote(patchType)}`));
  }
  const patched = patchedDocument(shown, patch);
  const changed = !deepEqual(shown, patched);
  replaceContents(object, await internal(() => form.takeBack(patched, object, type)));
  return { patch, changed };
}

function decodePatch(webhook: string, text: string): JsonValue {
  try {
    return parseJson(text).value;
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    const why = `received undecodable patch in webhook response: ${error.message}`;
    throw new FailedWebhook(webhook, new WebhookCallError(why));
  }
}

function patchedDocument(shown: KubeObject, patch: JsonValue): JsonObject {
  try {
    const document = asDocument(applyJsonPatch(deepClone(shown), patch));
    if (document !== undefined) return document;
    throw newInternalError("couldn't get version/kind; json parse error: the patched document is no object");
  } catch (error) {
    if (error instanceof JsonPatchError) throw newInternalError(error.message);
    throw error;
  }
}

/** What a patch made is decoded like a body, but it is not the client's fault when that fails. */
async function internal(takeBack: () => Promise<KubeObject> | KubeObject): Promise<KubeObject> {
  try {
    return await takeBack();
  } catch (error) {
    if (error instanceof StatusError && error.code < 500) throw newInternalError(error.message);
    throw error;
  }
}
