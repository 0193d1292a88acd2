import { CelDouble, CelUint } from './number.js';
import { CelMap, type CelValue } from './value.js';

type MapKey = string | number | bigint | boolean;

/** A map of values at hand, keys in the order of insertion. */
export class ValueMap extends CelMap {
  private readonly entries: ReadonlyMap<MapKey, readonly [CelValue, CelValue]>;

  constructor(entries: ReadonlyMap<MapKey, readonly [CelValue, CelValue]>) {
    super();
    this.entries = entries;
  }

  get size(): number {
    return this.entries.size;
  }

  get(key: CelValue): CelValue | undefined {
    const known = mapKey(key);
    return known === undefined ? undefined : this.entries.get(known)?.[1];
  }

  keys(): readonly CelValue[] {
    return Array.from(this.entries.values(), ([key]) => key);
  }

  /** A copy with one more entry; undefined when the key is there already. */
  with(key: CelValue, value: CelValue): ValueMap | undefined {
    const known = mapKey(key);
    if (known === undefined || this.entries.has(known)) return undefined;
    return new ValueMap(new Map(this.entries).set(known, [key, value]));
  }
}

/** Collects entries of a map. */
export class MapBuilder {
  private readonly entries = new Map<MapKey, readonly [CelValue, CelValue]>();

  /** False when the value cannot be a key. */
  set(key: CelValue, value: CelValue): boolean {
    const known = mapKey(key);
    if (known === undefined) return false;
    this.entries.set(known, [key, value]);
    return true;
  }

  has(key: CelValue): boolean {
    const known = mapKey(key);
    return known !== undefined && this.entries.has(known);
  }

  delete(key: CelValue): void {
    const known = mapKey(key);
    if (known !== undefined) this.entries.delete(known);
  }

  build(): ValueMap {
    return new ValueMap(this.entries);
  }
}

/** Keys that are equal in CEL have the same form here: `1`, `1u` and `1.0`. Undefined for what cannot be a key. */
export function mapKey(key: CelValue): MapKey | undefined {
  switch (typeof key) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
      return key;
    default:
  }
  if (key instanceof CelUint) return key.value;
  if (key instanceof CelDouble) {
    if (!Number.isInteger(key.value)) return undefined;
    return Number.isSafeInteger(key.value) ? key.value : BigInt(key.value);
  }
  return undefined;
}
