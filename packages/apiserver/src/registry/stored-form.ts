import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { apiVersionOf } from '@kcp/apimachinery/meta/resource';
import { encodeForStore } from './encode-object.js';
import { parseStored } from './parse-stored.js';
import type { ResourceType } from './resource-type.js';

/** A stored object as the write path works on it. */
export interface FoundObject {
  readonly object: KubeObject;
  /** It is stored otherwise than a write would store it today, so that even one without changes brings one. */
  isOutdated(): boolean;
}

const upToDate = (): boolean => false;

/** Reads what is stored; waits only where another party converts. */
export function readStored(type: ResourceType, value: Buffer): Promise<FoundObject> | FoundObject {
  const object = parseStored(value);
  const { codec } = type;
  const { remote } = codec;
  if (remote === undefined) {
    if (codec.refresh === undefined) return { object, isOutdated: upToDate };
    codec.refresh(object);
    return { object, isOutdated: () => !encodeForStore(object).equals(value) };
  }
  const outdated = object.apiVersion !== apiVersionOf(type.storageKind);
  return remote.bring([object]).then(([brought]) => {
    if (brought === undefined) throw new TypeError('a conversion returns as many objects as it is given');
    return { object: brought, isOutdated: () => outdated };
  });
}

/** The bytes to store of an object of the write path; waits only where another party converts. */
export function encodeForStorage(type: ResourceType, object: KubeObject): Promise<Buffer> | Buffer {
  const { remote } = type.codec;
  return remote === undefined ? encodeForStore(object) : remote.store(object).then(encodeForStore);
}
