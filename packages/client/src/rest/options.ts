import type { JsonObject, JsonValue } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';

/** Names an object of a cluster. */
export interface ObjectName {
  /** Absent for objects of cluster scope. */
  readonly namespace?: string | undefined;
  readonly name: string;
}

export interface CallOptions {
  /** Calls the request off; it then rejects with the reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface ReadOptions extends CallOptions {
  readonly resourceVersion?: string;
  /** `status`, `scale`, … */
  readonly subresource?: string;
  /** Metadata alone (`PartialObjectMetadata`): much cheaper where that is all one needs. */
  readonly metadataOnly?: boolean;
}

export interface CollectionOptions extends CallOptions {
  /** Absent: all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface ListOptions extends CollectionOptions {
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan';
  /** Most objects of the answer. */
  readonly limit?: number;
  /** Where the last page ended. */
  readonly continue?: string;
  readonly metadataOnly?: boolean;
}

export interface WatchOptions extends CollectionOptions {
  /** Changes after this one; absent: what is there first, as ADDED. */
  readonly resourceVersion?: string;
  /** What is there first, then a bookmark that says so; then changes. */
  readonly sendInitialEvents?: boolean;
  readonly bookmarks?: boolean;
  readonly timeoutSeconds?: number;
  readonly metadataOnly?: boolean;
  /** Only what concerns ownership, from a server that can tell (see `OWNERSHIP_ONLY`). */
  readonly ownershipOnly?: boolean;
}

export interface WriteOptions extends CallOptions {
  /** `status`, `scale`, `finalize`, `approval`, … */
  readonly subresource?: string;
  /** The object whose subresource it is, where the body has another name or none. */
  readonly name?: string;
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
  readonly fieldValidation?: 'Ignore' | 'Warn' | 'Strict';
}

export interface ApplyOptions extends WriteOptions {
  readonly fieldManager: string;
  /** Takes fields from other managers. */
  readonly force?: boolean;
}

export interface PatchOptions extends WriteOptions {
  /** The answer is to have nothing but the metadata. */
  readonly metadataOnly?: boolean;
}

/** A change in one of the forms that the API knows. */
export type Patch =
  | { readonly type: 'json'; readonly operations: readonly JsonObject[] }
  | { readonly type: 'merge' | 'strategic'; readonly value: JsonValue };

export interface DeleteOptions extends CallOptions {
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  readonly gracePeriodSeconds?: number;
  /** Deletes nothing unless the object is this one. */
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: boolean;
}

export interface ObjectList {
  readonly items: KubeObject[];
  readonly resourceVersion: string;
  /** Present when there is more: pass it on to get the next page. */
  readonly continue?: string;
  readonly remaining?: number;
}
