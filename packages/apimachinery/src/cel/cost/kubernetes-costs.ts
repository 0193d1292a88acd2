import { CelError } from '../values/cel-error.js';
import { CelList, CelMap, CelOpaque, type CelValue } from '../values/value.js';
import { type CallCost, type CallCosts, STRING_TRAVERSAL } from './call-costs.js';
import { CHECK_COST, selectorCost } from './kubernetes-estimates.js';
import { fixed } from './range.js';
import { sizeOf } from './size.js';
import { matchCost, STANDARD_COSTS } from './standard-costs.js';

/** The cost of reading the first argument `factor` times. */
function reading(factor: number): CallCost {
  return ([text]) => Math.ceil(sizeOf(text) * factor * STRING_TRAVERSAL);
}

/** The cost of visiting every part of a value. */
function visit(value: CelValue | undefined): number {
  if (typeof value === 'string') return Math.trunc(Buffer.byteLength(value) * STRING_TRAVERSAL);
  if (value instanceof Uint8Array) return Math.trunc(value.length * STRING_TRAVERSAL);
  if (value instanceof CelList) return value.toArray().reduce((sum: number, item) => sum + visit(item), 0);
  if (!(value instanceof CelMap)) return 1;
  return value.keys().reduce((sum: number, key) => sum + visit(key) + visit(value.get(key)), 0);
}

const traversal: CallCost = ([list]) => visit(list);
const find: CallCost = ([text, pattern]) => matchCost(sizeOf(text), sizeOf(pattern));
const joined: CallCost = (_args, result) => Math.ceil(sizeOf(result) * 2 * STRING_TRAVERSAL);
const selector: CallCost = ([, text]) => selectorCost(fixed(sizeOf(text))).max;

/** Addresses have a size: their bytes. */
function within(overload: string, parsed: string, masked: boolean): CallCost {
  return ([cidr, other]) => {
    const size = sizeOf(cidr);
    const comparing = Math.ceil((size + size) * STRING_TRAVERSAL);
    const masking = masked ? Math.ceil(size * STRING_TRAVERSAL) + 1 : 0;
    return comparing + masking + (overload === parsed ? Math.ceil(sizeOf(other) * STRING_TRAVERSAL) : 0);
  };
}

/** A value that limits the length of its pattern. */
interface HasPattern {
  readonly patternLength: number;
}

function hasPattern(value: CelValue | undefined): value is CelOpaque & HasPattern {
  return value instanceof CelOpaque && 'patternLength' in value && typeof value.patternLength === 'number';
}

const validate: CallCost = ([format, text]) => (hasPattern(format) ? matchCost(sizeOf(text), format.patternLength) : 1);

const equality: CallCost = (args) => {
  if (args[0] instanceof CelOpaque) return 1;
  const cost = STANDARD_COSTS.costOf('_==_', 'equals');
  return typeof cost === 'number' ? cost : cost(args, null);
};

function named(names: string, cost: CallCost): [string, CallCost][] {
  return names.split(' ').map((name) => [name, cost]);
}

const BY_NAME: ReadonlyMap<string, CallCost> = new Map<string, CallCost>([
  ['check', CHECK_COST],
  ...named('serviceAccount path group resource subresource namespace name allowed reason error errored', 1),
  ...named('fieldSelector labelSelector', selector),
  ...named('isSorted sum max min indexOf lastIndexOf', traversal),
  ...named('url lowerAscii upperAscii substring trim jsonpatch.escapeKey', reading(1)),
  ...named('replace split ip.isCanonical', reading(2)),
  ['join', joined],
  ...named('find findAll', find),
  ...named('cidr isIP isCIDR quantity isQuantity semver isSemver', reading(1)),
  ['validate', validate],
  ['_==_', equality],
]);

const MAKES_LIST = 11;

function making(factor: number, size: number): number {
  return Math.trunc(size * factor) + MAKES_LIST;
}

/** The cost of comparing all items of a list with each other. */
const selfCompare =
  (index: number): CallCost =>
  (args) => {
    const list = args[index];
    if (!(list instanceof CelList) || list.size === 0) return making(2, 0);
    const first = list.at(0);
    const text = typeof first === 'string' || first instanceof Uint8Array;
    return making(text ? 2 + STRING_TRAVERSAL : 2, list.size * list.size);
  };

const ofResult: CallCost = (_args, result) => making(1, result instanceof CelError ? 1 : sizeOf(result));
const flatten: CallCost = ([list, depth]) => making(typeof depth === 'number' ? depth : 1, sizeOf(list));
const sets =
  (factor: number): CallCost =>
  ([a, b]) =>
    1 + sizeOf(a) * sizeOf(b) * factor;

const BY_OVERLOAD: ReadonlyMap<string, CallCost> = new Map<string, CallCost>([
  ...named('list_slice lists_range list_reverse', ofResult),
  ...named('list_flatten list_flatten_int', flatten),
  ['list_distinct', selfCompare(0)],
  ['list_sets_contains_list', sets(1)],
  ['list_sets_intersects_list', sets(1)],
  ['list_sets_equivalent_list', sets(2)],
]);

/** Costs in Kubernetes' environment: those of cel-go and of all libraries. */
export const KUBERNETES_COSTS: CallCosts = {
  costOf: (name, overload) => {
    const extension = BY_OVERLOAD.get(overload) ?? sortCost(overload);
    if (extension !== undefined) return extension;
    if (name === 'ip') return overload === 'cidr_ip' ? 1 : reading(1);
    if (name === 'containsIP') return within(overload, 'cidr_contains_ip_string', false);
    if (name === 'containsCIDR') return within(overload, 'cidr_contains_cidr_string', true);
    return BY_NAME.get(name) ?? STANDARD_COSTS.costOf(name, overload);
  },
};

function sortCost(overload: string): CallCost | undefined {
  if (/^list_.+_sort$/.test(overload)) return selfCompare(0);
  return /^list_.+_sortByAssociatedKeys$/.test(overload) ? selfCompare(1) : undefined;
}
