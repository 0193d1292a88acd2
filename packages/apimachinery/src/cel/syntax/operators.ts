/** Names under which operators are functions. */
export const LOGICAL_AND = '_&&_';
export const LOGICAL_OR = '_||_';
export const LOGICAL_NOT = '!_';
export const NEGATE = '-_';
export const CONDITIONAL = '_?_:_';
export const EQUALS = '_==_';
export const NOT_EQUALS = '_!=_';
export const ADD = '_+_';
export const INDEX = '_[_]';
export const OPTIONAL_INDEX = '_[?_]';
export const OPTIONAL_SELECT = '_?._';
export const NOT_STRICTLY_FALSE = '@not_strictly_false';

/** Binary operators of one level by their token; all associate to the left. */
export const RELATIONS: Readonly<Record<string, string>> = {
  "'=='": EQUALS,
  "'!='": NOT_EQUALS,
  "'<'": '_<_',
  "'<='": '_<=_',
  "'>'": '_>_',
  "'>='": '_>=_',
  "'in'": '@in',
};
export const SUMS: Readonly<Record<string, string>> = { "'+'": ADD, "'-'": '_-_' };
export const PRODUCTS: Readonly<Record<string, string>> = { "'*'": '_*_', "'/'": '_/_', "'%'": '_%_' };

/** The variable in which a macro's loop gathers its result; no source text can name it. */
export const ACCUMULATOR = '@result';
/** The accumulator of old; still refused as the name of an iteration variable. */
export const OLD_ACCUMULATOR = '__result__';

/** Words that name no variable. */
export const RESERVED: ReadonlySet<string> = new Set([
  'as',
  'break',
  'const',
  'continue',
  'else',
  'false',
  'for',
  'function',
  'if',
  'import',
  'in',
  'let',
  'loop',
  'package',
  'namespace',
  'null',
  'return',
  'true',
  'var',
  'void',
  'while',
]);
