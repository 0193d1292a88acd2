import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { CachedObject } from '@kcp/storage/cache';
import { newMemoSlot } from '@kcp/storage/watch-cache/memo';
import { encodeObject } from '../registry/encode-object.js';
import { parseStored } from '../registry/parse-stored.js';
import type { VersionSchema } from './version-schema.js';

/** How one revision looks under the schema that was last used for a version; the next schema takes its place. */
interface View {
  readonly schema: VersionSchema;
  /** Bytes, or what makes them is under way. */
  readonly bytes: Buffer | Promise<void>;
}

/** One slot for all types, so that changing a schema often leaves nothing behind in the cache. */
const views = newMemoSlot<Map<string, View>>('custom resource views');

/** The bytes that readers of one version get, made once per revision and shared by all of them. */
export class CustomViews {
  readonly #schema: VersionSchema;
  /** How the stored bytes of this version begin. */
  readonly #head: Buffer;

  constructor(schema: VersionSchema) {
    const { apiVersion, gvk } = schema.version;
    this.#schema = schema;
    this.#head = Buffer.from(`{"kind":${JSON.stringify(gvk.kind)},"apiVersion":${JSON.stringify(apiVersion)},`);
  }

  /** Throws 500 for an object that must be converted by a webhook and has not been. */
  of(cached: CachedObject): Buffer {
    const known = this.#known(cached);
    if (Buffer.isBuffer(known)) return known;
    return this.keep(cached, this.#schema.restore(parseStored(cached.bytes)));
  }

  /** Those of which it is not known yet how they look. */
  unknown(objects: readonly CachedObject[]): readonly CachedObject[] {
    return objects.filter((object) => !Buffer.isBuffer(this.#known(object)));
  }

  /** Keeps how an object looks; `object` is in this version, restored. */
  keep(cached: CachedObject, object: KubeObject): Buffer {
    const bytes = Buffer.from(encodeObject(object, String(cached.revision)), 'utf8');
    const shared = bytes.equals(cached.bytes) ? cached.bytes : bytes;
    this.#put(cached, shared);
    return shared;
  }

  /** What must be waited for before `of` can answer: a conversion under way, or `unknown` for one to be started. */
  pending(cached: CachedObject): Promise<void> | 'unknown' | undefined {
    const known = this.#known(cached);
    if (known instanceof Promise) return known;
    return known !== undefined || this.#isOfVersion(cached) ? undefined : 'unknown';
  }

  /** The object is being converted. */
  begin(cached: CachedObject, conversion: Promise<void>): void {
    this.#put(cached, conversion);
  }

  /** The conversion failed; the next reader tries again. */
  giveUp(cached: CachedObject): void {
    cached.memo(views, () => new Map<string, View>()).delete(this.#schema.version.gvk.version);
  }

  #isOfVersion({ bytes }: CachedObject): boolean {
    return bytes.subarray(0, this.#head.length).equals(this.#head);
  }

  #known(cached: CachedObject): View['bytes'] | undefined {
    const view = cached.memo(views, () => new Map<string, View>()).get(this.#schema.version.gvk.version);
    return view?.schema === this.#schema ? view.bytes : undefined;
  }

  #put(cached: CachedObject, bytes: View['bytes']): void {
    const known = cached.memo(views, () => new Map<string, View>());
    known.set(this.#schema.version.gvk.version, { schema: this.#schema, bytes });
  }
}
