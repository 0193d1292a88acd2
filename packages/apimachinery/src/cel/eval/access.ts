import { CelError } from '../values/cel-error.js';
import { equal } from '../values/equal.js';
import { CelDouble, CelUint } from '../values/number.js';
import { showValue } from '../values/show.js';
import { typeOf } from '../values/type-of.js';
import { CelList, CelMap, CelOptional, type CelValue, NONE } from '../values/value.js';

const NO_FIELDS_IN_LIST = new CelError("unsupported index type 'string' in list");

/** `value.name`; of an optional, an optional. */
export function selectField(value: CelValue, name: string): CelValue {
  if (value instanceof CelMap) {
    const found = value.field(name);
    return found === undefined ? new CelError(`no such key: ${name}`) : found;
  }
  if (value instanceof CelError) return value;
  if (value instanceof CelOptional) return selectOptional(value, name);
  if (value instanceof CelList) return NO_FIELDS_IN_LIST;
  return new CelError(`no such key: ${name}`);
}

/** `value.?name`: none when it is not there. */
export function selectOptional(value: CelValue, name: string): CelValue {
  const inner = value instanceof CelOptional ? value.value : value;
  if (inner instanceof CelError) return inner;
  if (inner instanceof CelList) return NO_FIELDS_IN_LIST;
  const found = inner instanceof CelMap ? inner.field(name) : undefined;
  if (found instanceof CelError) return found;
  return found === undefined ? NONE : new CelOptional(found);
}

/** `has(value.name)`. */
export function hasField(value: CelValue, name: string): CelValue {
  const inner = value instanceof CelOptional ? value.value : value;
  if (inner instanceof CelError) return inner;
  if (inner instanceof CelList) return NO_FIELDS_IN_LIST;
  if (!(inner instanceof CelMap)) return false;
  return inner.field(name) !== undefined;
}

/** `value[index]`; of an optional, an optional. */
export function indexValue(value: CelValue, index: CelValue): CelValue {
  if (value instanceof CelError) return value;
  if (index instanceof CelError) return index;
  if (value instanceof CelOptional) return indexOptional(value, index);
  const found = lookUp(value, index);
  if (found !== undefined) return found;
  if (value instanceof CelList) return new CelError(`index out of bounds: ${showValue(index)}`);
  return new CelError(`no such key: ${showValue(index)}`);
}

/** `value[?index]`: none when it is not there. */
export function indexOptional(value: CelValue, index: CelValue): CelValue {
  const inner = value instanceof CelOptional ? value.value : value;
  if (inner instanceof CelError) return inner;
  if (index instanceof CelError) return index;
  const found = inner === undefined ? undefined : lookUp(inner, index);
  if (found instanceof CelError) return found;
  return found === undefined ? NONE : new CelOptional(found);
}

function lookUp(value: CelValue, index: CelValue): CelValue | undefined {
  if (value instanceof CelMap) return value.get(index);
  if (!(value instanceof CelList)) return undefined;
  const at = listIndex(index);
  if (at instanceof CelError) return at;
  return at >= 0 && at < value.size ? value.at(at) : undefined;
}

/** A number that may be an index; the error is that of another value. */
export function listIndex(index: CelValue): number | CelError {
  if (typeof index === 'number') return index;
  if (typeof index === 'bigint') return Number(index);
  if (index instanceof CelUint) return Number(index.value);
  if (!(index instanceof CelDouble)) return new CelError(`unsupported index type '${typeOf(index).name}' in list`);
  if (Number.isSafeInteger(index.value)) return index.value;
  return new CelError(`unsupported index value ${showValue(index)} in list`);
}

/** `item in container`. */
export function contains(container: CelValue, item: CelValue): CelValue {
  if (container instanceof CelMap) return container.get(item) !== undefined;
  if (!(container instanceof CelList)) return new CelError('no such overload');
  for (let i = 0; i < container.size; i++) if (equal(container.at(i), item)) return true;
  return false;
}
