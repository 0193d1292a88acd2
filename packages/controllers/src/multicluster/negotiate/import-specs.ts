import { createHash } from 'node:crypto';
import { stringify } from '@kcp/apimachinery/json/stringify';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import { readObject } from '@kcp/apimachinery/schema/read';
import type { Client } from '@kcp/client/rest/client';
import type { CallOptions } from '@kcp/client/rest/options';
import { unlessGone } from '../../controller/unless-gone.js';
import { type ApiSpec, readApiSpec } from '../apis/api-spec.js';
import { API_IMPORTS } from '../apis/names.js';
import type { ImportView } from '../apis/views.js';
import { IMPORT_SCHEMAS_KEPT_MAX } from '../limits.js';

interface Kept {
  readonly uid: string;
  readonly generation: number;
  readonly api: ApiSpec;
  readonly digest: string;
}

/** A schema, and the imports that have it. */
interface Shared {
  readonly schema: JsonObject;
  readonly holders: Set<string>;
}

/**
 * What imports say of their APIs, read once per generation. Clusters of one version have the same schemas: equal ones are
 * one object, by which they are known to be equal. The least recently used schemas are let go of.
 */
export class ImportSpecs {
  readonly #kept = new Map<string, Kept>();
  readonly #schemas = new Map<string, Shared>();

  /** Undefined when the import is not there any more, or not what the view says. */
  async read(
    client: Client,
    cluster: ClusterName,
    { name, uid, generation }: ImportView,
    options: CallOptions,
  ): Promise<ApiSpec | undefined> {
    const key = textOf(cluster, name);
    const known = this.#kept.get(key);
    if (known?.uid === uid && known.generation === generation) {
      this.#use(known.digest);
      return known.api;
    }
    const object = await unlessGone(client.get(API_IMPORTS, { name }, options));
    if (object?.metadata.uid !== uid || object.metadata.generation !== generation) return undefined;
    return this.#keep(key, { uid, generation }, readApiSpec(readObject(object, 'spec') ?? {}));
  }

  forget(cluster: ClusterName, name: string): void {
    const key = textOf(cluster, name);
    const known = this.#kept.get(key);
    if (known === undefined) return;
    this.#kept.delete(key);
    const shared = this.#schemas.get(known.digest);
    shared?.holders.delete(key);
    if (shared?.holders.size === 0) this.#schemas.delete(known.digest);
  }

  #keep(key: string, of: Pick<Kept, 'uid' | 'generation'>, api: ApiSpec): ApiSpec {
    const digest = createHash('sha256').update(stringify(api.schema)).digest('base64');
    const shared = this.#schemas.get(digest) ?? { schema: api.schema, holders: new Set<string>() };
    const kept = { ...of, digest, api: { ...api, schema: shared.schema } };
    this.#schemas.get(this.#kept.get(key)?.digest ?? '')?.holders.delete(key);
    shared.holders.add(key);
    this.#schemas.set(digest, shared);
    this.#kept.set(key, kept);
    this.#use(digest);
    return kept.api;
  }

  #use(digest: string): void {
    const used = this.#schemas.get(digest);
    if (used === undefined) return;
    this.#schemas.delete(digest);
    this.#schemas.set(digest, used);
    for (const [oldest, { holders }] of this.#schemas) {
      if (this.#schemas.size <= IMPORT_SCHEMAS_KEPT_MAX) break;
      this.#schemas.delete(oldest);
      for (const key of holders) this.#kept.delete(key);
    }
  }
}

function textOf(cluster: ClusterName, name: string): string {
  return `${cluster}/${name}`;
}
