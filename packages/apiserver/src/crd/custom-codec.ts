import { type FieldError, fieldErrorText } from '@kcp/apimachinery/errors/field-error';
import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import { newBadRequest, newInvalid } from '@kcp/apimachinery/errors/status-error';
import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { apiVersionOf, type GroupVersionKind } from '@kcp/apimachinery/meta/resource';
import { readString } from '@kcp/apimachinery/schema/read';
import { fractionErrors } from '@kcp/apimachinery/schema/scale';
import type { CachedObject } from '@kcp/storage/cache';
import { newMemoSlot } from '@kcp/storage/watch-cache/memo';
import { encodeObject } from '../registry/encode-object.js';
import { parseStored } from '../registry/parse-stored.js';
import type { DecodedObject, ObjectCodec } from '../registry/resource-type.js';
import type { VersionSchema } from './version-schema.js';

/** How one revision looks under the schema that was last used for a version; the next schema takes its place. */
interface View {
  readonly schema: VersionSchema;
  readonly bytes: Buffer;
}

/** One slot for all types, so that changing a schema often leaves nothing behind in the cache. */
const views = newMemoSlot<Map<string, View>>('custom resource views');
/** Where the words of a decoder begin in a fault that also shows the value. */
const DECODER_WORDS = 'json: cannot';

/** Between one version of a custom resource and its stored objects, which may be older than the schema. */
export class CustomCodec implements ObjectCodec {
  readonly protobuf = false;
  readonly sameAsStorage: boolean;
  readonly #schema: VersionSchema;
  readonly #storage: { readonly apiVersion: string; readonly gvk: GroupVersionKind };

  constructor(schema: VersionSchema) {
    const { storageKind } = schema.definition;
    this.#schema = schema;
    this.#storage = { apiVersion: apiVersionOf(storageKind), gvk: storageKind };
    this.sameAsStorage = this.#storage.apiVersion === schema.version.apiVersion;
  }

  /** Changes its argument on the way. */
  decode(value: JsonObject, fractions: readonly string[] = []): DecodedObject {
    const schema = this.#schema;
    refuseFractions(schema, value, fractions);
    const { dropped, error } = schema.coerce(value);
    if (error !== undefined) throw undecodable(schema.version.gvk, error);
    const unknown = [...dropped, ...schema.prune(value)].sort();
    schema.fillIn(value);
    const metadata = isObject(value.metadata) ? value.metadata : {};
    const { apiVersion, gvk } = schema.version;
    const object: KubeObject = { ...value, apiVersion, kind: gvk.kind, metadata };
    schema.convert(object, this.#storage);
    return { object, strictErrors: unknown.map((path) => `unknown field ${goQuote(path)}`) };
  }

  /** Changes and returns its argument. */
  fromStorage(object: KubeObject): KubeObject {
    return this.#schema.restore(object);
  }

  view(cached: CachedObject): Buffer {
    const known = cached.memo(views, () => new Map<string, View>());
    const { version } = this.#schema.version.gvk;
    const view = known.get(version);
    if (view?.schema === this.#schema) return view.bytes;
    const bytes = this.#viewed(cached);
    known.set(version, { schema: this.#schema, bytes });
    return bytes;
  }

  /** The cached bytes themselves when the object is what this schema would have stored. */
  #viewed(cached: CachedObject): Buffer {
    const object = this.#schema.restore(parseStored(cached.bytes));
    const bytes = Buffer.from(encodeObject(object, String(cached.revision)), 'utf8');
    return bytes.equals(cached.bytes) ? cached.bytes : bytes;
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
  return newBadRequest(`${kind} in version ${goQuote(version)} cannot be handled as a ${kind}: ${why}`);
}
