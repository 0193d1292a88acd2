import { deepEqual, type JsonObject, type JsonValue } from '../../json/value.js';
import { NO_SUCH_OVERLOAD } from '../values/cel-error.js';
import { CelMap, CelOpaque, type CelValue } from '../values/value.js';

/** Makes a value of plain JSON. */
export type Adapter = (data: JsonValue) => CelValue;

/** What an object's members are. */
export interface ObjectShape {
  /** Declared properties by the names that expressions use; undefined for a map. */
  readonly fields: ReadonlyMap<string, { readonly name: string; readonly adapt: Adapter }> | undefined;
  /** The names that expressions use by those in the data. */
  readonly names: ReadonlyMap<string, string> | undefined;
  /** Made by a schema, which is strict about keys. */
  readonly declared: boolean;
  /** Of a map's values. */
  readonly values: Adapter | undefined;
}

/** A JSON object as a map, or as an object with declared properties, of which others cannot be reached. */
export class DataObject extends CelMap {
  readonly data: JsonObject;
  private readonly shape: ObjectShape;

  constructor(data: JsonObject, shape: ObjectShape) {
    super();
    this.data = data;
    this.shape = shape;
  }

  get size(): number {
    let count = 0;
    for (const key of Object.keys(this.data)) if (this.data[key] !== undefined) count++;
    return count;
  }

  get(key: CelValue): CelValue | undefined {
    if (typeof key === 'string') return this.field(key);
    return this.shape.declared ? NO_SUCH_OVERLOAD : undefined;
  }

  override field(name: string): CelValue | undefined {
    const { fields, values } = this.shape;
    if (fields === undefined) {
      const data = Object.hasOwn(this.data, name) ? this.data[name] : undefined;
      return data === undefined || values === undefined ? undefined : values(data);
    }
    const field = fields.get(name);
    if (field === undefined || !Object.hasOwn(this.data, field.name)) return undefined;
    const data = this.data[field.name];
    return data === undefined || data === null ? undefined : field.adapt(data);
  }

  keys(): readonly CelValue[] {
    const { names, values } = this.shape;
    const present = Object.keys(this.data).filter((key) => this.data[key] !== undefined);
    if (names === undefined) return values === undefined ? [] : present;
    return present.flatMap((key) => names.get(key) ?? []);
  }

  override equalTo(other: CelMap, equal: (a: CelValue, b: CelValue) => boolean): boolean {
    if (this.size !== other.size) return false;
    return Object.keys(this.data).every((key) => {
      if (this.data[key] === undefined) return true;
      const name = this.shape.names === undefined ? key : this.shape.names.get(key);
      if (name === undefined || (this.shape.names === undefined && this.shape.values === undefined)) {
        return this.sameUnknown(key, other);
      }
      const [mine, its] = [this.field(name), other.field(name)];
      if (mine === undefined || its === undefined) return mine === its;
      return equal(mine, its);
    });
  }

  /** A member of which the schema says nothing: equal unless the other object has it with another value. */
  private sameUnknown(key: string, other: CelMap): boolean {
    if (!(other instanceof DataObject)) return false;
    const its = Object.hasOwn(other.data, key) ? other.data[key] : undefined;
    return its === undefined || deepEqual(this.data[key], its);
  }
}

/** Data of which the schema says nothing: they can be compared as a whole, and nothing else. */
export class PreservedData extends CelOpaque {
  readonly typeName = 'unknown';
  private readonly data: JsonValue;

  constructor(data: JsonValue) {
    super();
    this.data = data;
  }

  equals(other: CelValue): boolean {
    return other instanceof PreservedData && deepEqual(this.data, other.data);
  }
}
