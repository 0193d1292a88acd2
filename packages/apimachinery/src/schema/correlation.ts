import { deepEqual, getOwn, isObject, type JsonValue } from '../json/value.js';
import type { SchemaNode } from './node.js';

/**
 * A value next to the one that stood in its place before an update. Members correspond by name, elements of lists of
 * type map by their keys; other elements correspond to nothing.
 */
export class Correlation {
  readonly #schema: SchemaNode | undefined;
  readonly #value: JsonValue;
  readonly #old: JsonValue;
  #unchanged: boolean | undefined;

  constructor(schema: SchemaNode | undefined, value: JsonValue, old: JsonValue) {
    this.#schema = schema;
    this.#value = value;
    this.#old = old;
  }

  /** Whether both are equal in depth; found out once. */
  unchanged(): boolean {
    this.#unchanged ??= deepEqual(this.#value, this.#old);
    return this.#unchanged;
  }

  member(name: string): Correlation | undefined {
    if (!isObject(this.#value) || !isObject(this.#old)) return undefined;
    const value = getOwn(this.#value, name);
    const old = getOwn(this.#old, name);
    if (value === undefined || old === undefined) return undefined;
    const schema = this.#schema?.properties.get(name) ?? this.#schema?.additionalProperties?.schema;
    return new Correlation(schema, value, old);
  }

  element(index: number): Correlation | undefined {
    const schema = this.#schema;
    if (schema?.listType !== 'map' || !Array.isArray(this.#value) || !Array.isArray(this.#old)) return undefined;
    const value = this.#value[index];
    if (!isObject(value)) return undefined;
    const old = this.#old.find(
      (candidate) =>
        isObject(candidate) && schema.listMapKeys.every((key) => deepEqual(getOwn(candidate, key), getOwn(value, key))),
    );
    return old === undefined ? undefined : new Correlation(schema.items, value, old);
  }
}
