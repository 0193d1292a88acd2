import type { FieldSet } from '@kcp/apimachinery/apply/field-set';
import type { FieldError } from '@kcp/apimachinery/errors/field-error';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { Work } from '@kcp/apimachinery/turns/work';
import type { NameValidator } from '@kcp/apimachinery/validation/names';
import type { UserInfo } from '../authn/user.js';

/** What a strategy may know of the request. */
export interface StrategyContext {
  readonly cluster: ClusterName;
  readonly user: UserInfo;
  /** Now, in milliseconds since 1970. */
  readonly now: number;
  /** Adds a Warning header to the answer. */
  warn(text: string): void;
}

/** What there is to be said of an object. */
export interface Findings {
  readonly errors: readonly FieldError[];
  /** For the client, where there are no errors. */
  readonly warnings: readonly string[];
}

/**
 * What is special about one resource (or one subresource) on its way into the store. Everything general (names, uid,
 * timestamps, resourceVersion, generation, finalizers, managedFields) is done by the one write path around it.
 * Functions may change the `object` they are given, never `old`.
 */
export interface Strategy {
  /** Names a new object that came without a name. */
  nameNew?(object: KubeObject): void;
  /** Fills defaults; also after mutating admission and for objects that a patch made. */
  default?(object: KubeObject): void;
  /** Clears what a client may not set (status), sets what the server decides. */
  prepareForCreate?(object: KubeObject, context: StrategyContext): void;
  /** Takes over from `old` what this endpoint may not change (status on the main one, all but status on `/status`). */
  prepareForUpdate?(object: KubeObject, old: KubeObject, context: StrategyContext): void;
  /** Faults of the type's own fields; metadata is validated by the write path, unless `validatesMetadata`. */
  validateCreate?(object: KubeObject, context: StrategyContext): readonly FieldError[];
  validateUpdate?(object: KubeObject, old: KubeObject, context: StrategyContext): readonly FieldError[];
  /**
   * For objects of which judging may take long: further faults and warnings, found in turns with everybody else. `old`
   * is undefined for a creation. Nobody changes the objects meanwhile.
   */
  judge?(object: KubeObject, old: KubeObject | undefined): Work<Findings>;
  /** Warnings for the client that are no faults. */
  warnings?(object: KubeObject, old: KubeObject | undefined): readonly string[];
  /** The type's own rules judge the metadata of a new object. */
  readonly validatesMetadata?: true;
  /** Faults of the object's name, beyond what every name must be. */
  readonly validateName: NameValidator;
  /** Paths that this endpoint resets, so that a writer who sends them does not come to own them. FieldsV1 form. */
  readonly resetFields?: FieldSet;
  /** A PUT to a name that is not there creates it. */
  readonly createOnUpdate: boolean;
  /** A PUT without resourceVersion overwrites whatever is there. */
  readonly unconditionalUpdate: boolean;
  /**
   * Which part of the object `metadata.generation` counts: none for types without one, everything but metadata (and
   * status, when there is a status subresource) for the others.
   */
  readonly generation: 'none' | 'spec' | 'allButMetadata';
  /** What a deletion answers with when the object is gone at once: a Status, or the object. */
  readonly deleteReturnsObject: boolean;
  /**
   * A deletion that must not remove the object yet, though it has no finalizers in its metadata (namespaces, pods):
   * changes the object as far as the deletion goes and returns true. `graceSeconds` is what the request asks for.
   */
  beginDeletion?(object: KubeObject, context: StrategyContext, graceSeconds: number | undefined): boolean;
  /** Nothing can depend on such objects (events), so that a policy for dependents does not hold them. */
  readonly hasNoDependents?: true;
  /** Why objects of that name may never be deleted, whether they are there or not; undefined for all others. */
  refusesDeletion?(name: string): string | undefined;
  /** True when nothing holds the object any more, once it has a deletionTimestamp; default: no metadata.finalizers. */
  mayRemove?(object: KubeObject): boolean;
}
