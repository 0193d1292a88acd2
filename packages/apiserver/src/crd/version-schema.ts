import { newUntyped } from '@kcp/apimachinery/errors/status-error';
import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { apiVersionOf } from '@kcp/apimachinery/meta/resource';
import { ruleTreeCompilation } from '@kcp/apimachinery/rules/rule-tree';
import { compilation, compileSchema, keepSchema, type StructuralSchema } from '@kcp/apimachinery/schema/compile';
import { applyDefaults } from '@kcp/apimachinery/schema/defaults';
import { coerceMetadata, type MetadataCoercion } from '@kcp/apimachinery/schema/embedded';
import { prune } from '@kcp/apimachinery/schema/prune';
import { inTurns } from '@kcp/apimachinery/turns/turn';
import type { Work } from '@kcp/apimachinery/turns/work';
import { gvkText } from '../webhook/review-answer.js';
import type { Definition, DefinitionVersion } from './definition.js';

/** The schema of one version at work: brings objects into the form that this version shows. Compiled on first use. */
export class VersionSchema {
  readonly version: DefinitionVersion;
  readonly definition: Definition;
  /** Thousands of types may have been used once; only what is in use stays. */
  #compiled: WeakRef<StructuralSchema> | undefined;
  /** The same when all that writing takes was made of it. */
  #writable: WeakRef<StructuralSchema> | undefined;

  constructor(definition: Definition, version: DefinitionVersion) {
    this.definition = definition;
    this.version = version;
  }

  /** Throws SchemaError for a schema that no validated definition has. */
  get structural(): StructuralSchema {
    const known = this.#compiled?.deref();
    if (known !== undefined) {
      keepSchema(known);
      return known;
    }
    const made = compileSchema(this.#source());
    this.#compiled = new WeakRef(made);
    return made;
  }

  /** Makes ready what writing takes, in turns with everybody else; undefined when it is. */
  prepare(): Promise<void> | undefined {
    const compiled = this.#compiled?.deref();
    if (compiled !== undefined && this.#writable?.deref() === compiled) return undefined;
    const done = inTurns(this.#preparing());
    return done instanceof Promise ? done : undefined;
  }

  *#preparing(): Work<void> {
    const made = yield* this.compiling();
    yield* ruleTreeCompilation(made, true);
    this.#writable = this.#compiled;
  }

  /** What reading takes: the schema itself. */
  *compiling(): Work<StructuralSchema> {
    const known = this.#compiled?.deref();
    if (known !== undefined) return known;
    const source = this.#source();
    yield;
    const made = yield* compilation(source);
    this.#compiled = new WeakRef(made);
    return made;
  }

  #source(): JsonObject {
    const schema = this.definition.schemaOf(this.version.gvk.version);
    if (!this.definition.preserveUnknownFields) return schema;
    return { ...schema, 'x-kubernetes-preserve-unknown-fields': true };
  }

  /** Coerces metadata in place and says what is wrong with it and what is unknown. */
  coerce(object: JsonObject): MetadataCoercion {
    return coerceMetadata(this.structural, object, true);
  }

  /** Drops in place what the schema does not know. Returns the paths of what was dropped. */
  prune(object: JsonObject): readonly string[] {
    return this.definition.preserveUnknownFields ? [] : prune(this.structural, object);
  }

  /** Fills in defaults in place. */
  fillIn(object: JsonObject): void {
    applyDefaults(this.structural, object);
  }

  /**
   * A stored object as this version shows it today, whatever schema and version it was written under. Changes and
   * returns its argument. Throws 500 when only a webhook could convert it and has not done so.
   */
  restore(stored: KubeObject): KubeObject {
    if (stored.apiVersion !== this.version.apiVersion) this.#rename(stored, this.version.apiVersion);
    this.coerce(stored);
    if (!isObject(stored.metadata)) stored.metadata = {};
    this.prune(stored);
    this.fillIn(stored);
    return stored;
  }

  /** Gives an object of this version the version that is stored, unless a webhook has to do it when it is stored. */
  toStorage(object: KubeObject): void {
    if (this.definition.conversionWebhook === undefined) object.apiVersion = apiVersionOf(this.definition.storageKind);
  }

  #rename(object: KubeObject, apiVersion: string): void {
    if (this.definition.conversionWebhook !== undefined) {
      throw conversionFailed(object, 'the object has not been converted');
    }
    object.apiVersion = apiVersion;
  }
}

/** Upstream's words for a conversion that failed: the version converted from, and the reason. */
export function conversionFailed(object: KubeObject, why: string): Error {
  return newUntyped(`conversion webhook for ${gvkText(object)} failed: ${why}`);
}
