import type { CelType } from '../types/cel-type.js';
import type { CelError } from './cel-error.js';
import type { CelDouble, CelInt, CelUint } from './number.js';
import type { CelDuration, CelTimestamp } from './time.js';

/** Any value of CEL. Plain JSON scalars are values as they are; JSON numbers that are integers are ints. */
export type CelValue =
  | null
  | boolean
  | string
  | CelInt
  | CelDouble
  | CelUint
  | Uint8Array
  | CelTimestamp
  | CelDuration
  | CelList
  | CelMap
  | CelOptional
  | CelTypeValue
  | CelOpaque
  | CelError;

/** A list. Elements may be made on demand from plain data. */
export abstract class CelList {
  abstract readonly size: number;
  /** The element at an index from 0 to size - 1. */
  abstract at(index: number): CelValue;

  toArray(): readonly CelValue[] {
    return Array.from({ length: this.size }, (_, i) => this.at(i));
  }

  /** Equality where it is not that of elements in order; undefined when it is. */
  equalTo(_other: CelList, _equal: (a: CelValue, b: CelValue) => boolean): boolean | undefined {
    return undefined;
  }

  /** The sum with another list where it is not all elements of both; undefined when it is. */
  plus(_other: CelList, _equal: (a: CelValue, b: CelValue) => boolean): CelList | undefined {
    return undefined;
  }
}

/** A list of values at hand. */
export class ArrayList extends CelList {
  readonly items: readonly CelValue[];

  constructor(items: readonly CelValue[]) {
    super();
    this.items = items;
  }

  get size(): number {
    return this.items.length;
  }

  at(index: number): CelValue {
    const item = this.items[index];
    return item === undefined ? null : item;
  }

  override toArray(): readonly CelValue[] {
    return this.items;
  }
}

/** A map, or an object with declared fields. */
export abstract class CelMap {
  abstract readonly size: number;
  /** The value under a key; undefined when there is none. Numeric keys are found across number types. */
  abstract get(key: CelValue): CelValue | undefined;
  abstract keys(): readonly CelValue[];

  /** The value of a field as an expression names it (`self.field`). */
  field(name: string): CelValue | undefined {
    return this.get(name);
  }

  /** Equality where it is not that of keys and values; undefined when it is. */
  equalTo(_other: CelMap, _equal: (a: CelValue, b: CelValue) => boolean): boolean | undefined {
    return undefined;
  }

  /** The type's name where it is not `map`. */
  get typeName(): string {
    return 'map';
  }
}

/** A value that may be absent. */
export class CelOptional {
  readonly value: CelValue | undefined;

  constructor(value: CelValue | undefined) {
    this.value = value;
  }
}

export const NONE = new CelOptional(undefined);

/** A type as a value: what `type(x)` gives. */
export class CelTypeValue {
  readonly type: CelType;

  constructor(type: CelType) {
    this.type = type;
  }
}

/** A value of a library: a quantity, a URL, an address. */
export abstract class CelOpaque {
  abstract readonly typeName: string;
  abstract equals(other: CelValue): boolean;

  /** What it counts in costs; an address has the size of its bytes. */
  get size(): number {
    return 1;
  }
}
