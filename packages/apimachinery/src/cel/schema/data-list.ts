import { stringify } from '../../json/stringify.js';
import { isObject, type JsonValue } from '../../json/value.js';
import { ArrayList, CelList, type CelValue } from '../values/value.js';
import { ValueSet } from '../values/value-set.js';
import type { Adapter } from './data-object.js';

type Equal = (a: CelValue, b: CelValue) => boolean;

/** A JSON array as a list. */
export class DataList extends CelList {
  readonly data: readonly JsonValue[];
  protected readonly adapt: Adapter;

  constructor(data: readonly JsonValue[], adapt: Adapter) {
    super();
    this.data = data;
    this.adapt = adapt;
  }

  get size(): number {
    return this.data.length;
  }

  at(index: number): CelValue {
    const item = this.data[index];
    return item === undefined ? null : this.adapt(item);
  }
}

/** A list of type set: the order does not count, sums have each item once. */
export class SetList extends DataList {
  override equalTo(other: CelList, equal: Equal): boolean {
    return sameSet(this, other, equal);
  }

  override plus(other: CelList, equal: Equal): CelList {
    return sumOfSets(this, other, equal);
  }
}

/** A set that was made by a sum. */
class ArraySet extends ArrayList {
  override equalTo(other: CelList, equal: Equal): boolean {
    return sameSet(this, other, equal);
  }

  override plus(other: CelList, equal: Equal): CelList {
    return sumOfSets(this, other, equal);
  }
}

function sameSet(a: CelList, b: CelList, equal: Equal): boolean {
  if (a.size !== b.size) return false;
  const items = new ValueSet(a.toArray(), equal);
  return b.toArray().every((item, i) => items.has(item, i));
}

function sumOfSets(a: CelList, b: CelList, equal: Equal): CelList {
  const items = new ValueSet(a.toArray(), equal);
  for (const item of b.toArray()) items.add(item);
  return new ArraySet(items.items);
}

/** A list of type map: items are told apart by their keys, sums replace items of the same keys in place. */
export class KeyedList extends DataList {
  private readonly keys: readonly string[];

  constructor(data: readonly JsonValue[], adapt: Adapter, keys: readonly string[]) {
    super(data, adapt);
    this.keys = keys;
  }

  override equalTo(other: CelList, equal: Equal): boolean | undefined {
    if (!(other instanceof DataList)) return undefined;
    if (this.size !== other.size) return false;
    const byKey = new Map(this.data.map((item, i) => [this.keyOf(item), i]));
    return other.data.every((item, i) => {
      const mine = byKey.get(this.keyOf(item));
      return mine !== undefined && equal(this.at(mine), other.at(i));
    });
  }

  override plus(other: CelList): CelList | undefined {
    if (!(other instanceof DataList)) return undefined;
    const items = [...this.data];
    const places = new Map(items.map((item, i) => [this.keyOf(item), i]));
    for (const item of other.data) {
      const place = places.get(this.keyOf(item));
      if (place === undefined) items.push(item);
      else items[place] = item;
    }
    return new KeyedList(items, this.adapt, this.keys);
  }

  private keyOf(item: JsonValue): string {
    if (!isObject(item)) return '';
    return stringify(this.keys.map((key) => item[key] ?? null));
  }
}
