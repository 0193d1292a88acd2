import type { JsonValue } from '@kcp/apimachinery/json/value';
import type { Feed, ObjectPlace } from './feed.js';
import type { Namespaces } from './namespaces.js';
import type { Side } from './side.js';
import type { SyncedResource } from './synced-resource.js';

/** How both sides were when they were last made to agree on an object. */
export interface Agreement {
  /** Digests of the contents. */
  readonly up: string;
  readonly down: string;
  /** The owners that were told downstream. */
  readonly owners: string;
  /** The generation of each side at which the other has this content. */
  readonly upGeneration: number;
  readonly downGeneration: number;
  /** What both sides had in the fields that the physical cluster may change, by path. */
  readonly shared: ReadonlyMap<string, JsonValue | undefined>;
  /** Digests of the status below, and of what was made of it above. */
  readonly statusDown: string | undefined;
  readonly statusUp: string | undefined;
}

/** One type as it is synced. */
export interface TypeOfBoth {
  readonly resource: SyncedResource;
  readonly up: Feed;
  readonly down: Feed;
  /** By namespace and name; of objects that are assigned here. */
  readonly agreements: Map<string, Agreement>;
}

/** What the parts of one syncer share. */
export interface SyncContext {
  readonly location: string;
  /** The logical cluster that is synced, as objects downstream say it. */
  readonly source: string;
  readonly finalizer: string;
  readonly manager: string;
  readonly up: Side;
  readonly down: Side;
  readonly namespaces: Namespaces;
  /** The uid, downstream, of the synced object with this uid upstream; undefined as long as it is not there. */
  readonly ownerUid: (uid: string) => string | undefined;
}

export function placeText({ namespace, name }: ObjectPlace): string {
  return `${namespace}/${name}`;
}
