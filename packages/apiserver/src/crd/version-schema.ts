import { newUntyped } from '@kcp/apimachinery/errors/status-error';
import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { compileSchema, type StructuralSchema } from '@kcp/apimachinery/schema/compile';
import { applyDefaults } from '@kcp/apimachinery/schema/defaults';
import { coerceMetadata, type MetadataCoercion } from '@kcp/apimachinery/schema/embedded';
import { prune } from '@kcp/apimachinery/schema/prune';
import type { Definition, DefinitionVersion } from './definition.js';

/** The schema of one version at work: brings objects into the form that this version shows. Compiled on first use. */
export class VersionSchema {
  readonly version: DefinitionVersion;
  readonly definition: Definition;
  #compiled: StructuralSchema | undefined;

  constructor(definition: Definition, version: DefinitionVersion) {
    this.definition = definition;
    this.version = version;
  }

  /** Throws SchemaError for a schema that no validated definition has. */
  get structural(): StructuralSchema {
    this.#compiled ??= compileSchema(this.#source());
    return this.#compiled;
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
   * returns its argument. Throws 500 when only a webhook could convert it.
   */
  restore(stored: KubeObject): KubeObject {
    this.convert(stored, this.version);
    this.coerce(stored);
    if (!isObject(stored.metadata)) stored.metadata = {};
    this.prune(stored);
    this.fillIn(stored);
    return stored;
  }

  /** Gives the object another version of its kind, in place. Throws 500 when only a webhook could. */
  convert(object: KubeObject, to: Pick<DefinitionVersion, 'apiVersion' | 'gvk'>): void {
    if (object.apiVersion === to.apiVersion) return;
    const { conversion } = this.definition;
    if (conversion === 'Webhook') throw conversionFailed(to);
    object.apiVersion = to.apiVersion;
  }
}

/** Upstream's words for a failed conversion, and the reason. */
function conversionFailed({ apiVersion, gvk }: Pick<DefinitionVersion, 'apiVersion' | 'gvk'>): Error {
  return newUntyped(`conversion webhook for ${apiVersion}, Kind=${gvk.kind} failed: not supported yet`);
}
