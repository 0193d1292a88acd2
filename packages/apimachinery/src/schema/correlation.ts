import { deepEqual, getOwn, isObject, type JsonArray, type JsonObject, type JsonValue } from '../json/value.js';
import { keyedItems } from './keyed-items.js';
import type { SchemaNode } from './node.js';

/**
 * A value next to the one that stood in its place before an update. Members correspond by name, elements of lists of
 * type map by their keys; other elements, and members that the schema does not know, correspond to nothing.
 */
export class Correlation {
  readonly #schema: SchemaNode;
  readonly #value: JsonValue;
  readonly #old: JsonValue;
  #unchanged: boolean | undefined;
  #children: Map<string | number, Correlation> | undefined;
  #oldItem: ((item: JsonValue) => JsonObject | undefined) | undefined;

  constructor(schema: SchemaNode, value: JsonValue, old: JsonValue) {
    this.#schema = schema;
    this.#value = value;
    this.#old = old;
  }

  /**
   * Whether both are equal in depth; found out once. As upstream, an object with a member that corresponds to nothing
   * counts as changed.
   */
  unchanged(): boolean {
    this.#unchanged ??= this.#compare();
    return this.#unchanged;
  }

  member(name: string): Correlation | undefined {
    const known = this.#children?.get(name);
    if (known !== undefined) return known;
    if (!isObject(this.#value) || !isObject(this.#old)) return undefined;
    const value = getOwn(this.#value, name);
    const old = getOwn(this.#old, name);
    const schema = this.#schema.properties.get(name) ?? this.#schema.additionalProperties?.schema;
    if (value === undefined || old === undefined || schema === undefined) return undefined;
    return this.#keep(name, new Correlation(schema, value, old));
  }

  element(index: number): Correlation | undefined {
    const known = this.#children?.get(index);
    if (known !== undefined) return known;
    const { items } = this.#schema;
    if (items === undefined || this.#schema.listType !== 'map') return undefined;
    if (!Array.isArray(this.#value) || !Array.isArray(this.#old)) return undefined;
    const value = this.#value[index];
    this.#oldItem ??= keyedItems(this.#schema, this.#old);
    const old = value === undefined ? undefined : this.#oldItem(value);
    if (value === undefined || old === undefined) return undefined;
    return this.#keep(index, new Correlation(items, value, old));
  }

  #keep(key: string | number, child: Correlation): Correlation {
    this.#children ??= new Map();
    this.#children.set(key, child);
    return child;
  }

  #compare(): boolean {
    const [value, old] = [this.#value, this.#old];
    if (Array.isArray(value) && Array.isArray(old)) return this.#compareLists(value, old);
    if (!isObject(value) || !isObject(old)) return deepEqual(value, old);
    const names = presentNames(value);
    return names.length === presentNames(old).length && names.every((name) => this.member(name)?.unchanged() === true);
  }

  #compareLists(value: JsonArray, old: JsonArray): boolean {
    if (value.length !== old.length) return false;
    if (this.#schema.listType !== 'map') return deepEqual(value, old);
    return value.every((_, index) => this.element(index)?.unchanged() === true);
  }
}

function presentNames(object: JsonObject): string[] {
  return Object.keys(object).filter((name) => object[name] !== undefined);
}
