import { newMethodNotAllowed } from '@kcp/apimachinery/errors/status-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { CachedObject } from '@kcp/storage/cache';
import type { DecodedObject, ObjectCodec, RemoteConversion, ResourceType } from '../registry/resource-type.js';

/** The type of a name in a given logical cluster, if that serves it. */
export type TypeOfCluster = (cluster: ClusterName) => ResourceType | undefined;

/**
 * A custom type across logical clusters, which may have different schemas under one name: columns and selectable fields
 * are those of `one`, but every object is shown by the type of its own cluster.
 */
export function wildcardType(one: ResourceType, ofCluster: TypeOfCluster): ResourceType {
  return { ...one, codec: new WildcardCodec(one.codec, ofCluster) };
}

class WildcardCodec implements ObjectCodec {
  readonly protobuf = false;
  readonly sameAsStorage = false;
  readonly #one: ObjectCodec;
  readonly #ofCluster: TypeOfCluster;

  constructor(one: ObjectCodec, ofCluster: TypeOfCluster) {
    this.#one = one;
    this.#ofCluster = ofCluster;
  }

  decode(value: JsonObject): DecodedObject {
    return this.#one.decode(value);
  }

  fromStorage(object: KubeObject): KubeObject {
    return this.#one.fromStorage(object);
  }

  /** Each cluster has its own way of converting, or none. */
  readonly remote: RemoteConversion = {
    prepare: (objects) => this.prepare(objects),
    bring: () => Promise.reject(newMethodNotAllowed()),
    store: () => Promise.reject(newMethodNotAllowed()),
  };

  prepare(objects: readonly CachedObject[]): Promise<void> | undefined {
    const byCodec = new Map<ObjectCodec, CachedObject[]>();
    for (const object of objects) {
      const codec = this.#ofCluster(object.key.cluster)?.codec;
      if (codec === undefined) continue;
      const others = byCodec.get(codec);
      if (others === undefined) byCodec.set(codec, [object]);
      else others.push(object);
    }
    const waiting = [...byCodec].map(([codec, theirs]) => codec.prepare?.(theirs)).filter((each) => each !== undefined);
    return waiting.length === 0 ? undefined : Promise.all(waiting).then(() => undefined);
  }

  /** Objects of a cluster that does not serve this version are shown as they are stored. */
  view(cached: CachedObject): Buffer {
    return this.#ofCluster(cached.key.cluster)?.codec.view(cached) ?? cached.bytes;
  }
}
