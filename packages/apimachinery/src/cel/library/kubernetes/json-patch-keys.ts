import { type CelLibrary, declare } from '../../check/declarations.js';
import { NO_SUCH_OVERLOAD } from '../../values/cel-error.js';

/** `jsonpatch.escapeKey`, for mutating policies only. */
export const JSON_PATCH_FUNCTIONS: CelLibrary = {
  functions: [
    declare('jsonpatch.escapeKey', [
      'string_jsonpatch_escapeKey_string',
      'string -> string',
      (key) => (typeof key === 'string' ? key.replaceAll('~', '~0').replaceAll('/', '~1') : NO_SUCH_OVERLOAD),
    ]),
  ],
};
