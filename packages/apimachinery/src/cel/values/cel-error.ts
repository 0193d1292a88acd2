/** A failure of evaluation. It is a value: `true || failure` is true. The message is cel-go's. */
export class CelError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

export const NO_SUCH_OVERLOAD = new CelError('no such overload');
export const INT_OVERFLOW = new CelError('integer overflow');
export const UINT_OVERFLOW = new CelError('unsigned integer overflow');
export const DURATION_OVERFLOW = new CelError('duration overflow');
export const TIMESTAMP_OVERFLOW = new CelError('timestamp overflow');
export const DIVISION_BY_ZERO = new CelError('division by zero');
export const MODULUS_BY_ZERO = new CelError('modulus by zero');
export const NAN_UNORDERED = new CelError('NaN values cannot be ordered');
