import { RESERVED } from '../syntax/operators.js';

const ESCAPES: Readonly<Record<string, string>> = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
};
const UNESCAPES: Readonly<Record<string, string>> = { underscores: '__', dot: '.', dash: '-', slash: '/' };
const ESCAPABLE = /^[a-zA-Z_.\-/][a-zA-Z0-9_.\-/]*$/;

/**
 * The identifier under which expressions reach a property: `a-b` is `a__dash__b`, `namespace` is `__namespace__`.
 * Undefined for names that expressions cannot reach (KEP-2876, "Escaping").
 */
export function escapeName(name: string): string | undefined {
  if (RESERVED.has(name)) return `__${name}__`;
  if (!ESCAPABLE.test(name)) return undefined;
  return name.replace(/__|[.\-/]/g, (part) => ESCAPES[part] ?? part);
}

/** The property's name of an identifier; undefined when it has an escape that means nothing. */
export function unescapeName(identifier: string): string | undefined {
  let known = true;
  const name = identifier.replace(/__([^_]+)__/g, (all: string, inner: string) => {
    const plain = UNESCAPES[inner];
    if (plain !== undefined) return plain;
    if (!RESERVED.has(inner) || all.length !== identifier.length) known = false;
    return inner;
  });
  return known ? name : undefined;
}
