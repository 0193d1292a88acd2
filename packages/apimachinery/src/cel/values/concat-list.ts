import { CEL_LIST_ITEMS_MAX } from '../limits.js';
import { CostExceeded } from './cost-exceeded.js';
import { ArrayList, CelList, type CelValue } from './value.js';

/** Sums up to this size are copied. */
const COPIED_MAX = 64;

/** The sum of two lists. Large ones are not copied, as adding counts little and can be repeated. */
export function concatenated(a: CelList, b: CelList): CelList {
  const size = a.size + b.size;
  if (size > CEL_LIST_ITEMS_MAX) throw new CostExceeded();
  return size <= COPIED_MAX ? new ArrayList([...a.toArray(), ...b.toArray()]) : new ConcatList(a, b);
}

class ConcatList extends CelList {
  readonly size: number;
  private readonly left: CelList;
  private readonly right: CelList;
  private items: readonly CelValue[] | undefined;

  constructor(left: CelList, right: CelList) {
    super();
    this.left = left;
    this.right = right;
    this.size = left.size + right.size;
  }

  at(index: number): CelValue {
    const item = this.toArray()[index];
    return item === undefined ? null : item;
  }

  /** Copied once, when the items are first asked for. */
  override toArray(): readonly CelValue[] {
    if (this.items !== undefined) return this.items;
    const items: CelValue[] = [];
    const pending: CelList[] = [this];
    for (let list = pending.pop(); list !== undefined; list = pending.pop()) {
      if (list instanceof ConcatList && list.items === undefined) pending.push(list.right, list.left);
      else for (let i = 0; i < list.size; i++) items.push(list.at(i));
    }
    this.items = items;
    return items;
  }
}
