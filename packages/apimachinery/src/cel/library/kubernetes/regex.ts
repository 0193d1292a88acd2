import type { Expression } from '../../../regex/expression.js';
import {
  type CelLibrary,
  declare,
  type FunctionDecl,
  type Implementation,
  type Overload,
} from '../../check/declarations.js';
import { PlanError } from '../../eval/plan-error.js';
import { CelError, NO_SUCH_OVERLOAD } from '../../values/cel-error.js';
import { cachedRegex, compileRegex, TEXT_TOO_LONG } from '../../values/patterns.js';
import { ArrayList, type CelValue } from '../../values/value.js';

function findFirst(regex: Expression, text: string): CelValue {
  const found = regex.find(text, 1);
  return found === undefined ? TEXT_TOO_LONG : (found[0] ?? '');
}

/** All matches, or the first `limit` when it is not negative. */
function findAll(regex: Expression, text: string, limit: number): CelValue {
  const found = regex.find(text, limit < 0 ? Number.POSITIVE_INFINITY : limit);
  return found === undefined ? TEXT_TOO_LONG : new ArrayList(found);
}

type Use = (regex: Expression, text: string, limit: CelValue) => CelValue;

/** A function of a text and a pattern; a pattern that is known beforehand is compiled once. */
function withPattern(use: Use): Pick<Overload, 'prepare'> & { readonly run: Implementation } {
  const run: Implementation = (text, pattern, limit) => {
    if (typeof text !== 'string' || typeof pattern !== 'string') return NO_SUCH_OVERLOAD;
    const regex = cachedRegex(pattern);
    return regex instanceof CelError ? new CelError(`Illegal regex: ${regex.message}`) : use(regex, text, limit);
  };
  const prepare = (constants: readonly (CelValue | undefined)[]): Implementation | undefined => {
    const pattern = constants[1];
    if (typeof pattern !== 'string') return undefined;
    const regex = compileRegex(pattern);
    if (regex instanceof CelError) throw new PlanError(regex.message);
    return (text, _pattern, limit) => (typeof text === 'string' ? use(regex, text, limit) : NO_SUCH_OVERLOAD);
  };
  return { run, prepare };
}

function prepared(decl: FunctionDecl, prepare: Overload['prepare']): FunctionDecl {
  if (prepare === undefined) return decl;
  return { name: decl.name, overloads: decl.overloads.map((overload) => ({ ...overload, prepare })) };
}

const first = withPattern((regex, text) => findFirst(regex, text));
const all = withPattern((regex, text, limit) => findAll(regex, text, limit === null ? -1 : Number(limit)));

/** Kubernetes' functions of regular expressions. */
export const REGEX_FUNCTIONS: CelLibrary = {
  functions: [
    prepared(declare('find', ['string_find_string', '.string, string -> string', first.run]), first.prepare),
    prepared(
      declare(
        'findAll',
        ['string_find_all_string', '.string, string -> list(string)', all.run],
        ['string_find_all_string_int', '.string, string, int -> list(string)', all.run],
      ),
      all.prepare,
    ),
  ],
};
