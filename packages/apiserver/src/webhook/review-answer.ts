import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import { parseJson } from '@kcp/apimachinery/json/parse';
import { JsonSyntaxError } from '@kcp/apimachinery/json/syntax-error';
import { isNumber, isObject, type JsonObject, type JsonValue } from '@kcp/apimachinery/json/value';
import { readString } from '@kcp/apimachinery/schema/read';
import { WebhookCallError } from './call-error.js';

/** The kind of review that a webhook was sent and must answer with. */
export interface ReviewKind {
  readonly group: string;
  readonly version: 'v1' | 'v1beta1';
  readonly kind: string;
}

const META_TYPE =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/**
 * Decodes the answer of a webhook as upstream's decoder would. A body without kind and apiVersion counts as what was
 * expected; `gvkText` of it says so. Throws WebhookCallError.
 */
export function decodeReview(body: Buffer, expected: ReviewKind): JsonObject {
  const review = parseAnswer(body);
  const kind = readString(review, 'kind') || expected.kind;
  const apiVersion = readString(review, 'apiVersion') || apiVersionOfReview(expected);
  if (kind === expected.kind && apiVersion === apiVersionOfReview(expected)) return review;
  throw new WebhookCallError(mismatchText(apiVersion, kind, expected));
}

export function apiVersionOfReview({ group, version }: ReviewKind): string {
  return `${group}/${version}`;
}

/** `group/version, Kind=kind` of what an object says it is, as Go prints it. */
export function gvkText(object: JsonObject): string {
  const apiVersion = readString(object, 'apiVersion');
  const text = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`;
  return `${text}, Kind=${readString(object, 'kind')}`;
}

function parseAnswer(body: Buffer): JsonObject {
  const text = body.toString('utf8');
  try {
    const { value } = parseJson(text);
    if (value === null) return {};
    if (isObject(value)) return value;
    throw notDecodable(`json: cannot unmarshal ${goKind(value)} into Go value of type ${META_TYPE}`);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    // Upstream also tries YAML, for which a text that does not look like JSON is one string.
    const json = /^\s*[{[]/.test(text);
    throw notDecodable(json ? error.message : `json: cannot unmarshal string into Go value of type ${META_TYPE}`);
  }
}

function notDecodable(why: string): WebhookCallError {
  return new WebhookCallError(`couldn't get version/kind; json parse error: ${why}`);
}

function mismatchText(apiVersion: string, kind: string, expected: ReviewKind): string {
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
  const known = kind === expected.kind && ['v1', 'v1beta1'].includes(version) && apiVersion.startsWith(expected.group);
  if (known || (kind === 'Status' && apiVersion === 'v1')) {
    return `converting (${version}.${kind}) to (${expected.version}.${expected.kind}): unknown conversion`;
  }
  return `no kind ${goQuote(kind)} is registered for version ${goQuote(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`;
}

/** The name of a JSON value's type in errors of Go's decoder. */
export function goKind(value: JsonValue): string {
  if (isNumber(value)) return 'number';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  return Array.isArray(value) ? 'array' : 'object';
}
