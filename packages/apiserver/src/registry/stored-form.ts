import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { apiVersionOf } from '@kcp/apimachinery/meta/resource';
import { encodeForStore } from './encode-object.js';
import { parseStored } from './parse-stored.js';
import type { ResourceType } from './resource-type.js';

/** A stored object as the write path works on it. */
export interface FoundObject {
  readonly object: KubeObject;
  /** It is stored in another version than writes store today, so that even a write without changes brings one. */
  readonly outdated: boolean;
}

/** Reads what is stored; waits only where another party converts. */
export function readStored(type: ResourceType, value: Buffer): Promise<FoundObject> | FoundObject {
  const object = parseStored(value);
  const { remote } = type.codec;
  // Without a remote the version is a member like any other, and is compared with the rest.
  if (remote === undefined) return { object, outdated: false };
  const outdated = object.apiVersion !== apiVersionOf(type.storageKind);
  return remote.bring([object]).then(([brought]) => {
    if (brought === undefined) throw new TypeError('a conversion returns as many objects as it is given');
    return { object: brought, outdated };
  });
}

/** The bytes to store of an object of the write path; waits only where another party converts. */
export function encodeForStorage(type: ResourceType, object: KubeObject): Promise<Buffer> | Buffer {
  const { remote } = type.codec;
  return remote === undefined ? encodeForStore(object) : remote.store(object).then(encodeForStore);
}
