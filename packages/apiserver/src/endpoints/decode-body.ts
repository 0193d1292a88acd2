import { UndecodableError } from '@kcp/apimachinery/codec/decode-context';
import { decodeProtobuf } from '@kcp/apimachinery/codec/protobuf/envelope';
import { newBadRequest, newUnsupportedMediaType } from '@kcp/apimachinery/errors/status-error';
import { parsing } from '@kcp/apimachinery/json/parse';
import { JsonSyntaxError, type ParsedJson } from '@kcp/apimachinery/json/syntax-error';
import { jsonTypeName } from '@kcp/apimachinery/json/type-name';
import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import { apiVersionOf, type GroupVersionKind } from '@kcp/apimachinery/meta/resource';
import { onText } from '@kcp/apimachinery/turns/turn';
import type { ApiRequest } from '../http/exchange.js';
import { REQUEST_BODY_BYTES_MAX } from '../limits.js';
import { parseMediaType } from '../request/media-type.js';
import { MEDIA_TYPES, mediaTypesOf } from '../request/negotiation.js';
import { foreignKind, otherKind, parseGroupVersion } from './foreign-kind.js';
import { duplicateField, type StrictError } from './strict-errors.js';
import { parseYamlBody } from './yaml-body.js';

/** Decoded JSON of a body, with the faults that strict validation would name. */
export interface DecodedBody {
  readonly value: JsonObject;
  readonly strictErrors: readonly StrictError[];
  /** Paths of whole numbers that are written as fractions. */
  readonly fractions: readonly string[];
  /** The text, where it is JSON of a built-in kind and something stands twice in it. */
  readonly typedJson?: string;
}

export interface BodyRules {
  /** What the endpoint expects. */
  readonly kind: GroupVersionKind;
  readonly protobuf: boolean;
  /** A body that names no kind is taken for the expected one (built-ins). */
  readonly kindFromUrl: boolean;
  /** Another kind is no fault of decoding but of the object (custom types). */
  readonly anyKind?: boolean;
}

/** Reads a whole body as decoded JSON of the expected kind. Throws StatusErrors 400, 413 and 415. */
export async function decodeBody(request: ApiRequest, rules: BodyRules): Promise<DecodedBody> {
  const contentType = parseMediaType(request.header('content-type') ?? '').type;
  const encoding = contentType === '' ? MEDIA_TYPES.json : contentType;
  if (!mediaTypesOf(rules).includes(encoding)) throw newUnsupportedMediaType(mediaTypesOf(rules));
  const bytes = await request.body(REQUEST_BODY_BYTES_MAX);
  if (encoding === MEDIA_TYPES.protobuf) return decodeProtobufBody(bytes, rules);
  const yaml = encoding === MEDIA_TYPES.yaml;
  const parsed = await parseBody(bytes, yaml, rules);
  const { duplicates, setTwice, fractions = [] } = parsed;
  // What is null says nothing, so that everything is as the path has it.
  const value = parsed.value === null && bytes.length > 0 && rules.kindFromUrl ? {} : parsed.value;
  if (value === null && !rules.kindFromUrl) {
    throw unrecognized(rules, `Object 'Kind' is missing in 'null' (${summary(bytes)})`);
  }
  if (!isObject(value))
    throw unrecognized(
      rules,
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonTypeName(value)} into Go value of type struct (${summary(bytes)})`,
    );
  const strictErrors = setTwice === undefined ? duplicates.map(duplicateField) : [{ lines: setTwice }];
  const inOnePass = !yaml && rules.kindFromUrl && duplicates.length > 0;
  return {
    value: withExpectedKind(value, rules, () => summary(bytes)),
    strictErrors,
    fractions,
    ...(inOnePass ? { typedJson: bytes.toString('utf8') } : {}),
  };
}

async function parseBody(bytes: Buffer, yaml: boolean, rules: BodyRules): Promise<ParsedJson> {
  const text = bytes.toString('utf8');
  const refuse = (why: string): Error =>
    unrecognized(rules, `couldn't get version/kind; json parse error: ${why} (${summary(bytes)})`);
  if (yaml) return parseYamlBody(text, refuse);
  try {
    return await onText(text, parsing);
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw refuse(error.message);
    throw error;
  }
}

/** Protobuf carries no unknown JSON fields, so there is nothing to be strict about. */
function decodeProtobufBody(bytes: Buffer, rules: BodyRules): DecodedBody {
  const { object } = decodeProtobuf(bytes, rules.kind);
  return { value: withExpectedKind(object, rules, () => summary(bytes)), strictErrors: [], fractions: [] };
}

function withExpectedKind(value: JsonObject, rules: BodyRules, shown: () => string): JsonObject {
  const { kind: expected } = rules;
  const kind = value.kind ?? '';
  const apiVersion = value.apiVersion ?? '';
  if (typeof kind !== 'string' || typeof apiVersion !== 'string') {
    throw unrecognized(
      rules,
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonTypeName(typeof kind === 'string' ? apiVersion : kind)} into Go struct field .kind of type string (${shown()})`,
    );
  }
  if (kind === '' && !rules.kindFromUrl) {
    throw unrecognized(rules, `Object 'Kind' is missing in '${shorten(value)}' (${shown()})`);
  }
  const wanted = apiVersionOf(expected);
  if (kind === expected.kind && apiVersion === wanted) return value;
  const unnamed = apiVersion === '' && rules.kindFromUrl;
  const version = unnamed ? expected : parseGroupVersion(apiVersion);
  if (version === undefined) throw unrecognized(rules, `unexpected GroupVersion string: ${apiVersion} (${shown()})`);
  checkKind({ ...version, kind: kind || expected.kind }, value, rules);
  return { ...value, kind: expected.kind, apiVersion: wanted };
}

/** Throws for another kind, and for another version of the expected one. */
function checkKind(given: GroupVersionKind, value: JsonObject, { kind: expected, anyKind }: BodyRules): void {
  const why = anyKind ? undefined : foreignKind(expected, given);
  if (why !== undefined) throw new UndecodableError(given.kind, given.version, why, expected.kind);
  const [found, wanted] = [apiVersionOf(given), apiVersionOf(expected)];
  if (found !== wanted) {
    throw newBadRequest(`the API version in the data (${found}) does not match the expected API version (${wanted})`);
  }
  if (given.kind !== expected.kind) throw otherKind(expected, given.kind, value);
}

/** Bytes of a body that cannot be parsed that an answer shows. */
const SUMMARY_BYTES_MAX = 30;

/** The beginning of a body; in hexadecimal when it is no JSON object. */
function summary(bytes: Buffer): string {
  if (bytes.length === 0) return '<empty>';
  const shown = bytes.subarray(0, SUMMARY_BYTES_MAX).toString(bytes[0] === 0x7b ? 'utf8' : 'hex');
  return bytes.length > SUMMARY_BYTES_MAX ? `${shown} ...` : shown;
}

const SHOWN_BYTES_MAX = 1_024;

function shorten(value: JsonObject): string {
  return JSON.stringify(value, (_key, member) => (typeof member === 'bigint' ? String(member) : member)).slice(
    0,
    SHOWN_BYTES_MAX,
  );
}

function unrecognized({ kind }: BodyRules, why: string): Error {
  return newBadRequest(`the object provided is unrecognized (must be of type ${kind.kind}): ${why}`);
}
