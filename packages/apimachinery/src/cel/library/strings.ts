import { type CelLibrary, declare, type FunctionDecl } from '../check/declarations.js';
import { NO_SUCH_OVERLOAD } from '../values/cel-error.js';
import { CelList, type CelValue } from '../values/value.js';
import { type FormatStyle, formatText } from './format-text.js';
import {
  charAt,
  indexOf,
  join,
  lastIndex,
  lastIndexOf,
  points,
  quote,
  replace,
  split,
  substring,
  trim,
} from './text-operations.js';

type OnText = (text: string, ...rest: readonly CelValue[]) => CelValue;

/** A method of strings; its arguments have the declared types. */
function method(
  name: string,
  ...overloads: readonly (readonly [id: string, signature: string, run: OnText])[]
): FunctionDecl {
  return declare(
    name,
    ...overloads.map(
      ([id, signature, run]) =>
        [
          id,
          signature,
          (a: CelValue, b: CelValue, c: CelValue, d: CelValue) =>
            typeof a === 'string' ? run(a, b, c, d) : NO_SUCH_OVERLOAD,
        ] as const,
    ),
  );
}

/** Functions of every version. */
const FUNCTIONS: readonly FunctionDecl[] = [
  method('charAt', ['string_char_at_int', '.string, int -> string', (text, index) => charAt(text, Number(index))]),
  method(
    'indexOf',
    ['string_index_of_string', '.string, string -> int', (text, part) => indexOf(text, String(part), 0)],
    [
      'string_index_of_string_int',
      '.string, string, int -> int',
      (text, part, from) => indexOf(text, String(part), Number(from)),
    ],
  ),
  declare(
    'join',
    ['list_join', '.list(string) -> string', (list) => join(list, '')],
    ['list_join_string', '.list(string), string -> string', join],
  ),
  method(
    'lastIndexOf',
    ['string_last_index_of_string', '.string, string -> int', (text, part) => lastIndex(text, String(part))],
    [
      'string_last_index_of_string_int',
      '.string, string, int -> int',
      (text, part, from) => lastIndexOf(text, String(part), Number(from)),
    ],
  ),
  method('lowerAscii', [
    'string_lower_ascii',
    '.string -> string',
    (text) => text.replace(/[A-Z]+/g, (upper) => upper.toLowerCase()),
  ]),
  method('upperAscii', [
    'string_upper_ascii',
    '.string -> string',
    (text) => text.replace(/[a-z]+/g, (lower) => lower.toUpperCase()),
  ]),
  method(
    'replace',
    [
      'string_replace_string_string',
      '.string, string, string -> string',
      (text, old, by) => replace(text, String(old), String(by), -1),
    ],
    [
      'string_replace_string_string_int',
      '.string, string, string, int -> string',
      (text, old, by, count) => replace(text, String(old), String(by), Number(count)),
    ],
  ),
  method(
    'split',
    ['string_split_string', '.string, string -> list(string)', (text, by) => split(text, String(by), -1)],
    [
      'string_split_string_int',
      '.string, string, int -> list(string)',
      (text, by, count) => split(text, String(by), Number(count)),
    ],
  ),
  method(
    'substring',
    ['string_substring_int', '.string, int -> string', (text, start) => substring(text, Number(start))],
    [
      'string_substring_int_int',
      '.string, int, int -> string',
      (text, start, end) => substring(text, Number(start), Number(end)),
    ],
  ),
  method('trim', ['string_trim', '.string -> string', (text) => trim(text)]),
];

/** Strings extension in the version Kubernetes has (2), or the current one with `reverse` and the new `format`. */
export function stringsLibrary(style: FormatStyle): CelLibrary {
  const reverse = method('reverse', [
    'string_reverse',
    '.string -> string',
    (text) => [...points(text)].reverse().join(''),
  ]);
  return {
    functions: [
      ...FUNCTIONS,
      method('format', [
        'string_format',
        '.string, list(dyn) -> string',
        (text, args) => formatText(text, args instanceof CelList ? args.toArray() : [], style),
      ]),
      declare('strings.quote', [
        'strings_quote',
        'string -> string',
        (text) => (typeof text === 'string' ? quote(text) : NO_SUCH_OVERLOAD),
      ]),
      ...(style === 'current' ? [reverse] : []),
    ],
  };
}
