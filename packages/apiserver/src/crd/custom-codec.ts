import { UndecodableError } from '@kcp/apimachinery/codec/decode-context';
import { type FieldError, fieldErrorText } from '@kcp/apimachinery/errors/field-error';
import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import { newInvalid } from '@kcp/apimachinery/errors/status-error';
import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { apiVersionOf, type GroupVersionKind } from '@kcp/apimachinery/meta/resource';
import { readString } from '@kcp/apimachinery/schema/read';
import { fractionErrors } from '@kcp/apimachinery/schema/scale';
import type { CachedObject } from '@kcp/storage/cache';
import type { DecodedObject, ObjectCodec, RemoteConversion } from '../registry/resource-type.js';
import type { WebhookClient } from '../webhook/webhook-client.js';
import { ConversionWebhook } from './conversion-webhook.js';
import { CustomViews } from './custom-views.js';
import type { VersionSchema } from './version-schema.js';
import { WebhookConversion } from './webhook-conversion.js';

/** Where the words of a decoder begin in a fault that also shows the value. */
const DECODER_WORDS = 'json: cannot';

/** Between one version of a custom resource and its stored objects, which may be older than the schema. */
export class CustomCodec implements ObjectCodec {
  readonly protobuf = false;
  readonly remote?: RemoteConversion;
  readonly #schema: VersionSchema;
  readonly #views: CustomViews;

  constructor(schema: VersionSchema, webhooks: WebhookClient) {
    this.#schema = schema;
    this.#views = new CustomViews(schema);
    const { conversionWebhook } = schema.definition;
    if (conversionWebhook === undefined) return;
    this.remote = new WebhookConversion(schema, this.#views, new ConversionWebhook(conversionWebhook, webhooks));
  }

  /** Readers see a default of the whole status, which no writer of the main endpoint can store. */
  get sameAsStorage(): boolean {
    const { definition, version } = this.#schema;
    if (apiVersionOf(definition.storageKind) !== version.apiVersion) return false;
    return !version.hasStatus || this.#schema.structural.properties.get('status')?.default === undefined;
  }

  /** Changes its argument on the way. */
  decode(value: JsonObject, fractions: readonly string[] = []): DecodedObject {
    const schema = this.#schema;
    refuseFractions(schema, value, fractions);
    const { dropped, error } = schema.coerce(value);
    if (error !== undefined) throw undecodable(schema.version.gvk, error);
    const unknown = [...[...dropped].sort(), ...[...schema.prune(value)].sort()];
    schema.fillIn(value);
    const metadata = isObject(value.metadata) ? value.metadata : {};
    const { apiVersion, gvk } = schema.version;
    const object: KubeObject = { ...value, apiVersion, kind: gvk.kind, metadata };
    schema.toStorage(object);
    return { object, strictErrors: unknown.map((path) => `unknown field ${goQuote(path)}`) };
  }

  /** Changes and returns its argument. */
  fromStorage(object: KubeObject): KubeObject {
    return this.#schema.restore(object);
  }

  refresh(object: KubeObject): void {
    this.#schema.toStorage(this.#schema.restore(object));
  }

  view(cached: CachedObject): Buffer {
    return this.#views.of(cached);
  }
}

/** 422 for replicas that are written as fractions, which nobody can tell any more later. */
function refuseFractions({ version }: VersionSchema, value: JsonObject, fractions: readonly string[]): void {
  if (version.scale === undefined || fractions.length === 0) return;
  const faults = fractionErrors(version.scale, value, fractions);
  const name = isObject(value.metadata) ? readString(value.metadata, 'name') : '';
  if (faults.length > 0) throw newInvalid(version.gvk, name, faults);
}

/** 400 for a body whose metadata has a member of the wrong type. */
function undecodable({ kind, version }: GroupVersionKind, error: FieldError): Error {
  const at = error.message.lastIndexOf(DECODER_WORDS);
  const why = at < 0 || error.field !== 'metadata' ? fieldErrorText(error) : error.message.slice(at);
  return new UndecodableError(kind, version, why);
}
