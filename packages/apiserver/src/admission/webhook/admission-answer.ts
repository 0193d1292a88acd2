import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import { getOwn, isNumber, isObject, type JsonObject, type JsonValue } from '@kcp/apimachinery/json/value';
import { readString } from '@kcp/apimachinery/schema/read';
import { AnswerSize } from '../../webhook/answer-size.js';
import { WebhookCallError } from '../../webhook/call-error.js';
import { apiVersionOfReview, decodeReview, goKind, gvkText } from '../../webhook/review-answer.js';
import type { AdmissionQuestion } from './admission-review.js';

/** What a webhook said, checked. */
export interface AdmissionAnswer {
  readonly allowed: boolean;
  /** JSON text of a JSON patch; undefined for none. */
  readonly patch: string | undefined;
  readonly patchType: string;
  /** A Status, when the webhook explains itself. */
  readonly result: JsonObject | undefined;
  readonly warnings: readonly string[];
  readonly auditAnnotations: readonly (readonly [string, string])[];
}

/**
 * Reads and checks the answer to a question. v1 is strict about what belongs together, v1beta1 never was. Throws
 * WebhookCallError in upstream's words.
 */
export function admissionAnswer(body: Buffer, question: AdmissionQuestion, mutating: boolean): AdmissionAnswer {
  const review = decoded(() => decodeReview(body, question.kind));
  const response = decoded(() => typedResponse(review));
  if (response === undefined) throw invalidResponse('webhook response was absent');
  if (question.kind.version === 'v1') checkV1(review, response, question, mutating);
  const patch = decoded(() => patchOf(response));
  return {
    allowed: response.allowed === true,
    patch: mutating && patch !== '' ? patch : undefined,
    patchType: question.kind.version === 'v1' ? readString(response, 'patchType') : 'JSONPatch',
    result: isObject(response.status) ? response.status : undefined,
    warnings: strings(response.warnings),
    auditAnnotations: Object.entries(isObject(response.auditAnnotations) ? response.auditAnnotations : {}).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  };
}

function checkV1(review: JsonObject, response: JsonObject, question: AdmissionQuestion, mutating: boolean): void {
  const uid = readString(response, 'uid');
  if (uid !== question.uid)
    throw invalidResponse(`expected response.uid=${goQuote(question.uid)}, got ${goQuote(uid)}`);
  const expected = `${apiVersionOfReview(question.kind)}, Kind=${question.kind.kind}`;
  if (gvkText(review) !== expected) {
    throw invalidResponse(`expected webhook response of ${expected}, got ${gvkText(review)}`);
  }
  const hasPatch = readString(response, 'patch') !== '';
  const patchType = getOwn(response, 'patchType') ?? undefined;
  if (mutating) checkPatch(hasPatch, patchType);
  else if (hasPatch) throw invalidResponse('validating webhook may not return response.patch');
  else if (patchType !== undefined) throw invalidResponse('validating webhook may not return response.patchType');
}

function checkPatch(hasPatch: boolean, patchType: JsonValue | undefined): void {
  if (hasPatch && patchType === undefined) {
    throw invalidResponse('webhook returned response.patch but not response.patchType');
  }
  if (!hasPatch && patchType !== undefined) {
    throw invalidResponse('webhook returned response.patchType but not response.patch');
  }
  if (patchType === '') throw invalidResponse('webhook returned invalid response.patchType of ""');
}

function invalidResponse(why: string): WebhookCallError {
  return new WebhookCallError(`received invalid webhook response: ${why}`);
}

/** What cannot even be decoded counts as a failed call. */
function decoded<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof WebhookCallError) throw new WebhookCallError(`failed to call webhook: ${error.message}`);
    throw error;
  }
}

const RESPONSE_TYPES: Readonly<Record<string, readonly [json: string, go: string]>> = {
  uid: ['string', 'types.UID'],
  allowed: ['bool', 'bool'],
  status: ['object', 'v1.Status'],
  patch: ['string', '[]uint8'],
  patchType: ['string', 'v1.PatchType'],
  auditAnnotations: ['object', 'map[string]string'],
  warnings: ['array', '[]string'],
};

/** The response with its members of the right types, as Go's decoder demands. */
function typedResponse(review: JsonObject): JsonObject | undefined {
  const response = getOwn(review, 'response') ?? undefined;
  if (response === undefined) return undefined;
  if (!isObject(response)) throw wrongType(response, 'AdmissionReview.response', 'v1.AdmissionResponse');
  for (const [name, [json, go]] of Object.entries(RESPONSE_TYPES)) {
    const value = getOwn(response, name) ?? undefined;
    if (value !== undefined && goKind(value) !== json) throw wrongType(value, `AdmissionResponse.response.${name}`, go);
  }
  checkStatusTypes(response.status);
  return response;
}

function checkStatusTypes(status: JsonValue | undefined): void {
  if (!isObject(status)) return;
  for (const name of ['message', 'reason', 'status']) {
    const value = getOwn(status, name) ?? undefined;
    if (value !== undefined && typeof value !== 'string')
      throw wrongType(value, `Status.response.status.${name}`, 'string');
  }
  const code = getOwn(status, 'code') ?? undefined;
  if (code !== undefined && !isNumber(code)) throw wrongType(code, 'Status.response.status.code', 'int32');
}

function wrongType(value: JsonValue, field: string, goType: string): WebhookCallError {
  return new WebhookCallError(
    `json: cannot unmarshal ${goKind(value)} into Go struct field ${field} of type ${goType}`,
  );
}

/** Base64 to text. */
function patchOf(response: JsonObject): string {
  const text = readString(response, 'patch').replace(/[\r\n]/g, '');
  const wrong = /[^A-Za-z0-9+/=]/.exec(text);
  if (wrong !== null) throw new WebhookCallError(`illegal base64 data at input byte ${wrong.index}`);
  if (text.length % 4 !== 0) throw new WebhookCallError(`illegal base64 data at input byte ${text.length}`);
  const patch = Buffer.from(text, 'base64');
  new AnswerSize().add(patch);
  return patch.toString('utf8');
}

function strings(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
