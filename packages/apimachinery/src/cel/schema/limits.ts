/** Bytes of the largest request (`MaxRequestSizeBytes`); what a schema does not bound is bounded by it. */
export const REQUEST_BYTES_MAX = 3 * 1024 * 1024;
/** Characters of a date-time or a duration in JSON, quotes included. */
export const TIME_LENGTH_MAX = 32;
/** Characters of a date in JSON, quotes included. */
export const DATE_LENGTH = 12;
/** Smallest serialized sizes. */
export const DATE_TIME_LENGTH_MIN = 21;
export const DURATION_LENGTH_MIN = 3;
export const STRING_LENGTH_MIN = 2;
export const BOOL_LENGTH_MIN = 4;
export const NUMBER_LENGTH_MIN = 1;
