import {
  addQuantities,
  compareQuantities,
  parseQuantity,
  type Quantity,
  QuantityError,
  subtractQuantities,
} from '../../../quantity/quantity.js';
import { type CelLibrary, declare, type Implementation } from '../../check/declarations.js';
import { CelError, NO_SUCH_OVERLOAD } from '../../values/cel-error.js';
import { CelDouble, checkedInt } from '../../values/number.js';
import { CelOpaque, type CelValue } from '../../values/value.js';

class QuantityValue extends CelOpaque {
  readonly typeName = 'kubernetes.Quantity';
  readonly quantity: Quantity;

  constructor(quantity: Quantity) {
    super();
    this.quantity = quantity;
  }

  equals(other: CelValue): boolean {
    return other instanceof QuantityValue && compareQuantities(this.quantity, other.quantity) === 0;
  }
}

function read(text: CelValue): QuantityValue | CelError {
  if (typeof text !== 'string') return NO_SUCH_OVERLOAD;
  try {
    return new QuantityValue(parseQuantity(text));
  } catch (error) {
    if (error instanceof QuantityError) return new CelError(error.message);
    throw error;
  }
}

/** The value as a 64-bit integer; undefined when it is none. */
function asInteger({ unscaled, exponent }: Quantity): CelValue | undefined {
  if (exponent >= 0) return checkedInt(unscaled * 10n ** BigInt(exponent));
  const one = 10n ** BigInt(-exponent);
  return unscaled % one === 0n ? checkedInt(unscaled / one) : undefined;
}

function of(run: (quantity: Quantity) => CelValue): Implementation {
  return (value) => (value instanceof QuantityValue ? run(value.quantity) : NO_SUCH_OVERLOAD);
}

function ofTwo(run: (a: Quantity, b: Quantity) => CelValue): Implementation {
  return (a, b) => {
    if (!(a instanceof QuantityValue)) return NO_SUCH_OVERLOAD;
    if (b instanceof QuantityValue) return run(a.quantity, b.quantity);
    if (typeof b !== 'number' && typeof b !== 'bigint') return NO_SUCH_OVERLOAD;
    return run(a.quantity, { unscaled: BigInt(b), exponent: 0, format: 'DecimalExponent' });
  };
}

const Q = 'kubernetes.Quantity';
const plus = ofTwo((a, b) => new QuantityValue(addQuantities(a, b)));
const minus = ofTwo((a, b) => new QuantityValue(subtractQuantities(a, b)));

/** Kubernetes' functions of quantities. */
export const QUANTITY_FUNCTIONS: CelLibrary = {
  functions: [
    declare('quantity', ['string_to_quantity', `string -> ${Q}`, read]),
    declare('isQuantity', ['is_quantity_string', 'string -> bool', (text) => read(text) instanceof QuantityValue]),
    declare('sign', [
      // Not a method, as upstream declares it.
      'quantity_sign',
      `${Q} -> int`,
      of(({ unscaled }) => (unscaled > 0n ? 1 : unscaled < 0n ? -1 : 0)),
    ]),
    declare('asInteger', [
      'quantity_get_int',
      `.${Q} -> int`,
      of((quantity) => asInteger(quantity) ?? new CelError('cannot convert value to integer')),
    ]),
    declare('isInteger', ['quantity_is_integer', `.${Q} -> bool`, of((quantity) => asInteger(quantity) !== undefined)]),
    declare('asApproximateFloat', [
      'quantity_get_float',
      `.${Q} -> double`,
      of(({ unscaled, exponent }) => new CelDouble(Number(`${unscaled}e${exponent}`))),
    ]),
    declare('isGreaterThan', [
      'quantity_is_greater_than',
      `.${Q}, ${Q} -> bool`,
      ofTwo((a, b) => compareQuantities(a, b) > 0),
    ]),
    declare('isLessThan', [
      'quantity_is_less_than',
      `.${Q}, ${Q} -> bool`,
      ofTwo((a, b) => compareQuantities(a, b) < 0),
    ]),
    declare('compareTo', ['quantity_compare_to', `.${Q}, ${Q} -> int`, ofTwo(compareQuantities)]),
    declare('add', ['quantity_add', `.${Q}, ${Q} -> ${Q}`, plus], ['quantity_add_int', `.${Q}, int -> ${Q}`, plus]),
    declare('sub', ['quantity_sub', `.${Q}, ${Q} -> ${Q}`, minus], ['quantity_sub_int', `.${Q}, int -> ${Q}`, minus]),
  ],
};
