import type { FieldError } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { MergeType } from '@kcp/apimachinery/merge-type/merge-type';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { GroupVersionKind } from '@kcp/apimachinery/meta/resource';
import type { TableType } from '@kcp/apimachinery/table/column';
import type { CachedObject } from '@kcp/storage/cache';
import type { StorageResource } from '@kcp/storage/key';
import type { UserInfo } from '../authn/user.js';
import type { ResourceVerb } from '../request/request-info.js';
import type { Strategy } from './strategy.js';

/** The names a type goes by in discovery and in error texts. */
export interface ResourceNames {
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
}

/**
 * One served version of one resource: data plus a strategy. The verbs know nothing else of a type, so a built-in and a
 * custom resource are the same to them.
 */
export interface ResourceType {
  readonly origin: 'builtin' | 'custom';
  readonly gvk: GroupVersionKind;
  readonly names: ResourceNames;
  readonly namespaced: boolean;
  readonly verbs: ReadonlySet<ResourceVerb>;
  /** What discovery lists, where that is not `verbs` in the order of the alphabet. */
  readonly listedVerbs?: readonly ResourceVerb[];
  readonly storage: StorageResource;
  /** The type that this version is stored as; its apiVersion and kind stand in stored objects. */
  readonly storageKind: GroupVersionKind;
  /** What discovery's hash says it is stored as, where upstream stores another version. */
  readonly announcedStorage?: GroupVersionKind;
  readonly codec: ObjectCodec;
  readonly strategy: Strategy;
  readonly table: TableType;
  /** For field tracking, apply and strategic merge patch. Made on first use. */
  mergeType(): MergeType;
  /** Beyond metadata.name and metadata.namespace: field label → its value in a (storage) object. */
  readonly selectableFields: ReadonlyMap<string, (object: JsonObject) => string>;
  /** Strategic merge patches are accepted (built-ins; custom resources whose lists are marked as maps). */
  readonly strategicPatch: boolean;
  readonly subresources: ReadonlyMap<string, Subresource>;
  readonly backing: Backing;
  /** The schema of a custom type as its CRD states it, for OpenAPI; built-ins have theirs in the type tables. */
  readonly openApiSchema?: () => JsonObject;
  /** Makes ready what writing objects takes, in turns; undefined when it is. Without, it is made at once when needed. */
  readonly prepare?: () => Promise<unknown> | undefined;
  /** Refuses every request for a while (a CRD that is going away refuses creations). Returns the reason as Status. */
  readonly createBlocked?: () => Error | undefined;
}

/** Where the objects of a type are. */
export type Backing =
  /** In the store. */
  | { readonly kind: 'store' }
  /** Nowhere: a creation is a question, the answer is the object with its status filled in. */
  | { readonly kind: 'review'; answer(question: KubeObject, context: ReviewContext): Promise<KubeObject> | KubeObject }
  /** Computed from other things, read-only. */
  | { readonly kind: 'view'; readonly source: ViewSource };

export interface ReviewContext {
  readonly cluster: ClusterName;
  readonly user: UserInfo;
  readonly namespace: string;
  readonly now: number;
}

/** Objects that nobody stores. Each carries name, uid and creationTimestamp of its own. */
export interface ViewSource {
  list(cluster: ClusterName): readonly KubeObject[];
  /** Calls back after `list(cluster)` has changed, and when the server stops; returns how to stop. */
  onChange(cluster: ClusterName, listener: (what: 'changed' | 'ended') => void): () => void;
}

/** What a decoder found in a body. */
export interface DecodedObject {
  /** In the storage version, with apiVersion, kind and metadata in place. */
  readonly object: KubeObject;
  /** Strict errors, in upstream's words: `unknown field "spec.x"`. */
  readonly strictErrors: readonly string[];
}

/** Between the version of the URL and the version in the store. */
export interface ObjectCodec {
  /** Media types a body may have besides JSON and YAML. */
  readonly protobuf: boolean;
  /**
   * Decoded JSON of this version, apiVersion and kind already checked or filled in, to a storage object: unknown
   * fields dropped and reported, types checked (StatusError 400), defaults that belong to decoding filled in.
   * `fractions` are the paths of whole numbers that are written as fractions.
   */
  decode(value: JsonObject, fractions?: readonly string[]): DecodedObject;
  /** This version is what is stored, so that stored bytes may be sent as they are. */
  readonly sameAsStorage: boolean;
  /**
   * This version's object before anything was set, with all that Go always writes. A creation is tracked from there, so
   * that nobody comes to own an empty `spec` he never sent; custom resources have none and start from nothing.
   */
  unset?(): KubeObject;
  /** A storage object as this version shows it. May return its argument. */
  fromStorage(object: KubeObject): KubeObject;
  /**
   * The bytes that a reader of this version gets; the cached bytes themselves where nothing differs. Where there is a
   * `remote`, the object must have been prepared.
   */
  view(cached: CachedObject): Buffer;
  /** Makes `view` ready for these, in turns with everybody else; undefined when it is. Without, it always is. */
  prepare?(objects: readonly CachedObject[]): Promise<void> | undefined;
  /**
   * Brings a stored object, in place, into the form in which a write would store it today; a write is compared with
   * that, so that what a new schema adds or drops is no change of the writer's.
   */
  refresh?(object: KubeObject): void;
  /**
   * Set where another party converts between versions. Then "storage version" means this version on all of the write
   * path (as it does upstream for every custom resource), and stored objects are met through here.
   */
  readonly remote?: RemoteConversion;
}

/** Conversion between versions that has to be waited for. Throws the StatusErrors of a failed conversion. */
export interface RemoteConversion {
  /** Objects of any version of this kind, as this version shows them today. Takes over its arguments. */
  bring(objects: readonly KubeObject[]): Promise<KubeObject[]>;
  /** An object of this version as it is to be stored. Takes over its argument, and may return it. */
  store(object: KubeObject): Promise<KubeObject>;
  /** Makes `view` ready for these; undefined when it is. Concurrent callers share what is under way. */
  prepare(objects: readonly CachedObject[]): Promise<void> | undefined;
}

/** A subresource: its own endpoint over the same stored object. */
export type Subresource = UpdateSubresource | ProjectedSubresource | ActionSubresource | ChangeSubresource;

interface SubresourceBase {
  readonly verbs: ReadonlySet<ResourceVerb>;
  /** The kind of bodies and answers; the parent's when absent. */
  readonly kind?: GroupVersionKind;
}

/** get, update and patch of the same object through another strategy (`status`, `finalize`, `approval`). */
export interface UpdateSubresource extends SubresourceBase {
  readonly form: 'update';
  readonly strategy: Strategy;
}

/** Another kind that shows and changes a part of the object (`scale`). */
export interface ProjectedSubresource extends SubresourceBase {
  readonly form: 'projected';
  readonly kind: GroupVersionKind;
  readonly strategy: Strategy;
  readonly mergeType: () => MergeType;
  /** Decoded JSON of a body or of a patched projection, checked. */
  decode(value: JsonObject): DecodedObject;
  /** Throws a StatusError when the object has nothing to be read. May change its argument. */
  check?(object: KubeObject): void;
  /** Throws a StatusError when a patch left out what the object never had. May change `object`. */
  checkPatched?(projection: KubeObject, object: KubeObject): void;
  /** The projection of a storage object; its metadata carries name, namespace, uid, resourceVersion. */
  project(object: KubeObject): KubeObject;
  /** The members of the object that a projection states, and no others: what an apply of it claims. */
  fields(projection: KubeObject): JsonObject;
  /** Writes a projection back into `object`. Returns faults of the projection. */
  inject(projection: KubeObject, object: KubeObject): readonly FieldError[];
}

/** A creation below an object that changes the object (`pods/binding`); the answer is a Status. */
export interface ChangeSubresource extends SubresourceBase {
  readonly form: 'change';
  readonly kind: GroupVersionKind;
  readonly strategy: Strategy;
  decode(value: JsonObject): DecodedObject;
  /** Does to the stored object what the body asks for. Throws StatusErrors. */
  change(object: KubeObject, body: KubeObject): void;
}

/** A creation below an object that stores nothing of its own (`serviceaccounts/token`). */
export interface ActionSubresource extends SubresourceBase {
  readonly form: 'action';
  readonly kind: GroupVersionKind;
  /** Decoded JSON of a body, checked. */
  decode(value: JsonObject): DecodedObject;
  create(parent: KubeObject, body: KubeObject, context: ActionContext): Promise<KubeObject>;
}

/** The request that an action answers. */
export interface ActionContext {
  readonly cluster: ClusterName;
  readonly namespace: string;
  /** Of the object below which it is. */
  readonly name: string;
  readonly now: number;
  /** Validating admission, to be asked once the body is complete and found good. */
  validate(body: KubeObject): Promise<void>;
  warn(text: string): void;
  annotate?(key: string, value: string): void;
}
