import { isObject, type JsonObject, type JsonValue } from '../json/value.js';
import type { SchemaNode } from './node.js';
import { ValuePath } from './value-path.js';

const META_FIELDS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/**
 * Removes what the schema does not specify, in place, so the object must be the caller's own. Below
 * `x-kubernetes-preserve-unknown-fields` only what is specified again is pruned. `apiVersion`, `kind` and `metadata` of
 * the object and of embedded resources stay (see `coerceMetadata`). Returns the paths of what was removed, sorted, for
 * strict field validation.
 */
export function prune(schema: SchemaNode, object: JsonValue, isResourceRoot = true): string[] {
  const pruner = new Pruner();
  pruner.prune(object, schema, isResourceRoot || schema.embeddedResource);
  return pruner.dropped.sort();
}

class Pruner {
  readonly dropped: string[] = [];
  readonly #path = new ValuePath();

  prune(value: JsonValue | undefined, schema: SchemaNode | undefined, isResource: boolean): void {
    if (schema?.preserveUnknownFields === true) this.#keepUnknown(value, schema, isResource);
    else if (Array.isArray(value)) this.#each(value, schema?.items, false);
    else if (isObject(value)) this.#members(value, schema, isResource);
  }

  #members(object: JsonObject, schema: SchemaNode | undefined, isResource: boolean): void {
    for (const key of Object.keys(object)) {
      if (isResource && META_FIELDS.has(key)) continue;
      const property = schema?.properties.get(key);
      if (property !== undefined) this.#inside(key, object[key], property);
      else if (schema?.additionalProperties !== undefined) {
        this.#inside(key, object[key], schema.additionalProperties.schema);
      } else {
        this.#drop(key);
        delete object[key];
      }
    }
  }

  /** Unknown members stay untouched; specified ones are pruned, list elements are kept in the same way. */
  #keepUnknown(value: JsonValue | undefined, schema: SchemaNode, isResource: boolean): void {
    if (Array.isArray(value)) {
      if (schema.items !== undefined) this.#each(value, schema.items, true);
      return;
    }
    if (!isObject(value)) return;
    for (const key of Object.keys(value)) {
      if (isResource && META_FIELDS.has(key)) continue;
      const property = schema.properties.get(key);
      if (property !== undefined) this.#inside(key, value[key], property);
      else if (schema.additionalProperties !== undefined) {
        this.#inside(key, value[key], schema.additionalProperties.schema);
      }
    }
  }

  #each(items: readonly JsonValue[], schema: SchemaNode | undefined, keep: boolean): void {
    for (let index = 0; index < items.length; index++) {
      this.#path.push(index);
      if (keep && schema !== undefined) this.#keepUnknown(items[index], schema, schema.embeddedResource);
      else this.prune(items[index], schema, schema?.embeddedResource ?? false);
      this.#path.pop();
    }
  }

  #inside(key: string, value: JsonValue | undefined, schema: SchemaNode | undefined): void {
    if (typeof value !== 'object' || value === null) return;
    this.#path.push(key);
    this.prune(value, schema, schema?.embeddedResource ?? false);
    this.#path.pop();
  }

  #drop(key: string): void {
    if (META_FIELDS.has(key) && this.#path.depth === 0) return;
    this.#path.push(key);
    this.dropped.push(this.#path.toString());
    this.#path.pop();
  }
}
