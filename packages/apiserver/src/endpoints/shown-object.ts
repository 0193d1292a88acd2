import { parseStoredJson } from '@kcp/apimachinery/json/parse';
import { stringify } from '@kcp/apimachinery/json/stringify';
import { isObject } from '@kcp/apimachinery/json/value';
import { ALL_CLUSTERS, CLUSTER_ANNOTATION, type ClusterScope } from '@kcp/apimachinery/meta/cluster-name';
import type { CachedObject } from '@kcp/storage/cache';
import { valueEnd } from '@kcp/storage/watch-cache/json-scan';
import { metadataStart } from '@kcp/storage/watch-cache/resource-version';
import type { ResourceType } from '../registry/resource-type.js';

/** How the objects of an answer look: their bytes, and those of their metadata alone. */
export interface ShownObjects {
  /** What is encoded from these bytes may be kept with the object, as all answers show it alike. */
  readonly shared: boolean;
  bytes(object: CachedObject): Buffer;
  metadata(object: CachedObject): Buffer;
}

/** Objects of one cluster are shown as they are; across clusters each says where it lives. */
export function shownIn(scope: ClusterScope, type: ResourceType): ShownObjects {
  return scope === ALL_CLUSTERS ? new ClusteredObjects(type) : new PlainObjects(type);
}

class PlainObjects implements ShownObjects {
  readonly shared = true;
  readonly #type: ResourceType;

  constructor(type: ResourceType) {
    this.#type = type;
  }

  bytes(object: CachedObject): Buffer {
    return this.#type.codec.view(object);
  }

  metadata(object: CachedObject): Buffer {
    const [start, end] = object.metadataRange();
    return object.bytes.subarray(start, end);
  }
}

class ClusteredObjects implements ShownObjects {
  readonly shared = false;
  readonly #type: ResourceType;

  constructor(type: ResourceType) {
    this.#type = type;
  }

  bytes(object: CachedObject): Buffer {
    const bytes = this.#type.codec.view(object);
    const start = metadataStart(bytes);
    const metadata = annotated(bytes.subarray(start, valueEnd(bytes, start)), object.key.cluster);
    return Buffer.concat([bytes.subarray(0, start), metadata, bytes.subarray(valueEnd(bytes, start))]);
  }

  metadata(object: CachedObject): Buffer {
    const [start, end] = object.metadataRange();
    return annotated(object.bytes.subarray(start, end), object.key.cluster);
  }
}

function annotated(metadata: Buffer, cluster: string): Buffer {
  const value = parseStoredJson(metadata.toString('utf8'));
  if (!isObject(value)) return metadata;
  const annotations = isObject(value.annotations) ? value.annotations : {};
  const shown = { ...value, annotations: { ...annotations, [CLUSTER_ANNOTATION]: cluster } };
  return Buffer.from(stringify(shown), 'utf8');
}
