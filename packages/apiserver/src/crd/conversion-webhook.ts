import { randomUUID } from 'node:crypto';
import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import { newUntyped } from '@kcp/apimachinery/errors/status-error';
import { stringify } from '@kcp/apimachinery/json/stringify';
import { getOwn, isObject, type JsonObject, type JsonValue } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readList, readObject, readString, readStrings } from '@kcp/apimachinery/schema/read';
import { CONVERSION_TIMEOUT_SECONDS } from '../limits.js';
import { WebhookCallError } from '../webhook/call-error.js';
import { apiVersionOfReview, decodeReview, gvkText, type ReviewKind } from '../webhook/review-answer.js';
import type { WebhookClient } from '../webhook/webhook-client.js';
import { type WebhookTarget, webhookTarget } from '../webhook/webhook-target.js';
import { checkConverted } from './converted-object.js';
import { conversionFailed } from './version-schema.js';

/** The webhook that converts the objects of one definition. Errors are 500s in upstream's words. */
export class ConversionWebhook {
  readonly #client: WebhookClient;
  readonly #config: JsonObject;
  readonly #kind: ReviewKind | undefined;
  #target: WebhookTarget | undefined;

  /** `config` is `spec.conversion.webhook` of a definition. */
  constructor(config: JsonObject, client: WebhookClient) {
    this.#client = client;
    this.#config = config;
    const versions = readStrings(config, 'conversionReviewVersions');
    const version = versions.find((each) => each === 'v1' || each === 'v1beta1');
    if (version !== undefined) this.#kind = { group: 'apiextensions.k8s.io', version, kind: 'ConversionReview' };
  }

  /** Objects in the wanted version, in order; those that are in it already are not sent. */
  async convert(objects: readonly KubeObject[], apiVersion: string): Promise<KubeObject[]> {
    const sent = objects.filter((object) => object.apiVersion !== apiVersion);
    const [first] = sent;
    if (first === undefined) return [...objects];
    const answered = await this.#ask(first, sent, apiVersion);
    if (answered.length !== sent.length) {
      const counts = `returned ${answered.length} objects, expected ${sent.length}`;
      throw newUntyped(`conversion webhook for ${gvkText(first)} ${counts}`);
    }
    let next = 0;
    return objects.map((object) => {
      if (object.apiVersion === apiVersion) return object;
      const index = next++;
      return checkConverted(object, answered[index], apiVersion, index, sent.length > 1);
    });
  }

  async #ask(
    first: KubeObject,
    objects: readonly KubeObject[],
    desiredAPIVersion: string,
  ): Promise<readonly JsonValue[]> {
    const kind = this.#kind;
    if (kind === undefined) throw newUntyped('no supported conversion review versions');
    const uid = randomUUID();
    const request = { uid, desiredAPIVersion, objects: [...objects] };
    const review = { kind: kind.kind, apiVersion: apiVersionOfReview(kind), request };
    try {
      this.#target ??= webhookTarget(readObject(this.#config, 'clientConfig') ?? {});
      const body = Buffer.from(stringify(review), 'utf8');
      const answer = await this.#client.post(this.#target, body, { timeoutSeconds: CONVERSION_TIMEOUT_SECONDS });
      return convertedObjects(decodeReview(answer, kind), kind, uid);
    } catch (error) {
      if (error instanceof WebhookCallError) throw conversionFailed(first, error.message);
      throw error;
    }
  }
}

/** What the answer brought. v1 must name its kind and the question; v1beta1 never had to. Throws WebhookCallError. */
function convertedObjects(review: JsonObject, kind: ReviewKind, uid: string): readonly JsonValue[] {
  const expected = `${apiVersionOfReview(kind)}, Kind=${kind.kind}`;
  if (kind.version === 'v1' && gvkText(review) !== expected) {
    throw new WebhookCallError(`expected webhook response of ${expected}, got ${gvkText(review)}`);
  }
  const response = getOwn(review, 'response');
  if (!isObject(response)) throw new WebhookCallError('no response provided');
  const answered = readString(response, 'uid');
  if (kind.version === 'v1' && answered !== uid) {
    throw new WebhookCallError(`expected response.uid=${goQuote(uid)}, got ${goQuote(answered)}`);
  }
  const result = readObject(response, 'result') ?? {};
  const status = readString(result, 'status');
  if (status === 'Success') return readList(response, 'convertedObjects');
  throw new WebhookCallError(readString(result, 'message') || `response.result.status was '${status}', not 'Success'`);
}
