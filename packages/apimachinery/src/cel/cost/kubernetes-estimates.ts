import { unwrapOptional } from '../types/cel-type.js';
import { REGEX_LENGTH, STRING_TRAVERSAL } from './call-costs.js';
import type { CallEstimate, CallShape, CostNode } from './cost-node.js';
import { extensionEstimate } from './extension-estimates.js';
import { fixed, plus, type Range, scaled, times, UNBOUNDED } from './range.js';
import { matchRange } from './standard-estimates.js';

type Estimate = (call: CallShape) => CallEstimate | undefined;

/** Longest pattern behind a named format, as upstream assumes it. */
const FORMAT_REGEX_MAX = 128;
/** Longest name of a format. */
const FORMAT_NAME_MAX = 64;
/** An authorization check: two of them fit into the budget of one expression. */
export const CHECK_COST = 350_000;

function costOnly(cost: Range): CallEstimate {
  return { cost, size: undefined };
}

const nominal: Estimate = () => costOnly(fixed(1));

/** The cost of reading the first argument. */
function reading(factor: number, sized: boolean): Estimate {
  return ({ args: [first], sizeOf }) => {
    if (first === undefined) return undefined;
    const size = sizeOf(first);
    return { cost: scaled(size, factor * STRING_TRAVERSAL), size: sized ? size : undefined };
  };
}

const readingTarget: Estimate = ({ target, sizeOf }) => {
  if (target === undefined) return undefined;
  const size = sizeOf(target);
  return { cost: scaled(size, STRING_TRAVERSAL), size };
};

/** The items of a list, with the path to them. */
function itemsOf(list: CostNode): CostNode | undefined {
  const [type] = list.type.params;
  if (type === undefined) return undefined;
  const path = list.path.length === 0 ? [] : [...list.path, '@items'];
  return { path, type, expr: undefined, size: undefined };
}

const overList: Estimate = ({ target, sizeOf }) => {
  if (target === undefined) return undefined;
  const items = itemsOf(target);
  if (items === undefined) return costOnly(scaled(sizeOf(target), STRING_TRAVERSAL));
  const text = items.type.kind === 'string' || items.type.kind === 'bytes';
  const each = text ? plus(fixed(1), scaled(sizeOf(items), STRING_TRAVERSAL)) : fixed(1);
  return costOnly(times(sizeOf(target), each));
};

const replace: Estimate = ({ target, args: [old, by], sizeOf }) => {
  if (target === undefined || old === undefined || by === undefined) return undefined;
  const [text, from, to] = [sizeOf(target), sizeOf(old), sizeOf(by)];
  const most = longestReplacement(text, from, to);
  const least = shortestReplacement(text, from, to);
  const count: Range = { min: least.count, max: most.count };
  const size = plus(times(count, to), { min: least.kept, max: most.kept });
  return { cost: scaled(text, 2 * STRING_TRAVERSAL), size };
};

function longestReplacement(text: Range, from: Range, to: Range): { count: number; kept: number } {
  if (from.min === 0) return { count: text.max < UNBOUNDED ? text.max + 1 : text.max, kept: text.max };
  if (to.max <= from.min) return { count: 0, kept: text.max };
  return { count: Math.ceil(text.max / from.min), kept: 0 };
}

function shortestReplacement(text: Range, from: Range, to: Range): { count: number; kept: number } {
  if (from.max === 0) return { count: text.min < UNBOUNDED ? text.min + 1 : text.min, kept: text.min };
  if (from.max <= to.min) return { count: 0, kept: text.min };
  return { count: Math.ceil(text.min / from.max), kept: 0 };
}

const split: Estimate = ({ target, args: [, limit], sizeOf }) => {
  if (target === undefined) return undefined;
  const text = sizeOf(target);
  const most = limit?.expr?.kind === 'literal' && typeof limit.expr.value === 'number' ? limit.expr.value : text.max;
  const max = most < 0 ? UNBOUNDED + most : most;
  return { cost: scaled(text, 2 * STRING_TRAVERSAL), size: { min: 0, max } };
};

const join: Estimate = ({ target, args: [separator], sizeOf }) => {
  if (target === undefined) return undefined;
  const list = sizeOf(target);
  const items = itemsOf(target);
  let size = items === undefined ? fixed(0) : times(list, sizeOf(items));
  if (separator !== undefined) {
    const count: Range = { min: Math.max(list.min - 1, 0), max: list.max > 0 ? list.max - 1 : 0 };
    size = plus(size, times(sizeOf(separator), count));
  }
  return { cost: scaled(size, STRING_TRAVERSAL), size };
};

const find: Estimate = ({ target, args: [pattern], sizeOf }) => {
  if (target === undefined || pattern === undefined) return undefined;
  const text = sizeOf(target);
  return { cost: matchRange(text, sizeOf(pattern)), size: { min: 0, max: text.max } };
};

/** Bytes of an IPv4 and of an IPv6 address. */
const ADDRESS: Range = { min: 4, max: 16 };

function within(parsed: string, extra: Range): Estimate {
  return ({ overload, args: [other], sizeOf }) => {
    if (other === undefined) return undefined;
    const cost = plus(scaled(plus(ADDRESS, ADDRESS), STRING_TRAVERSAL), extra);
    return costOnly(overload === parsed ? plus(cost, scaled(sizeOf(other), STRING_TRAVERSAL)) : cost);
  };
}

const selector: Estimate = ({ args: [text], sizeOf }) => {
  if (text === undefined) return undefined;
  return costOnly(selectorCost(sizeOf(text)));
};

/** The cost of reading a selector: its text and its requirements. */
export function selectorCost(length: Range): Range {
  return plus(plus(fixed(10), scaled(length, STRING_TRAVERSAL)), scaled(scaled(length, 0.5), 50));
}

const validate: Estimate = ({ args: [text], sizeOf }) => {
  if (text === undefined) return undefined;
  return costOnly(scaled(scaled(sizeOf(text), STRING_TRAVERSAL), FORMAT_REGEX_MAX * REGEX_LENGTH));
};

const CONSTANT_EQUALITY: ReadonlySet<string> = new Set([
  'net.IP',
  'net.CIDR',
  'kubernetes.Quantity',
  'kubernetes.Semver',
  'kubernetes.authorization.Authorizer',
  'kubernetes.authorization.PathCheck',
  'kubernetes.authorization.GroupCheck',
  'kubernetes.authorization.ResourceCheck',
  'kubernetes.authorization.Decision',
]);

const equality: Estimate = ({ args: [left, right] }) => {
  if (left === undefined || right === undefined || left.type.name !== right.type.name) return undefined;
  if (unwrapOptional(left.type) !== undefined) return undefined;
  const { name } = left.type;
  if (CONSTANT_EQUALITY.has(name)) return costOnly(fixed(1));
  if (name === 'kubernetes.NamedFormat') return costOnly(scaled({ min: 1, max: FORMAT_NAME_MAX }, STRING_TRAVERSAL));
  if (name !== 'kubernetes.URL') return undefined;
  return costOnly(scaled({ min: 1, max: right.size?.max ?? 1 }, STRING_TRAVERSAL));
};

const ip: Estimate = (call) => (call.overload === 'cidr_ip' ? nominal(call) : reading(1, false)(call));

function named(names: string, estimate: Estimate): [string, Estimate][] {
  return names.split(' ').map((name) => [name, estimate]);
}

const BY_NAME: ReadonlyMap<string, Estimate> = new Map<string, Estimate>([
  ['check', () => costOnly(fixed(CHECK_COST))],
  ...named('serviceAccount path group resource subresource namespace name allowed reason error errored', nominal),
  ...named('fieldSelector labelSelector', selector),
  ...named('isSorted sum max min indexOf lastIndexOf', overList),
  ...named('url jsonpatch.escapeKey', (call) => (call.args.length === 1 ? reading(1, true)(call) : undefined)),
  ...named('lowerAscii upperAscii substring trim', readingTarget),
  ['replace', replace],
  ['split', split],
  ['join', join],
  ...named('find findAll', find),
  ...named('cidr isIP isCIDR quantity isQuantity semver isSemver', reading(1, false)),
  ['ip', ip],
  ['ip.isCanonical', reading(2, false)],
  ...named('masked prefixLength family isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast', nominal),
  ...named('isGlobalUnicast format.named', nominal),
  ['containsIP', within('cidr_contains_ip_string', fixed(0))],
  ['containsCIDR', within('cidr_contains_cidr_string', plus(scaled(ADDRESS, STRING_TRAVERSAL), fixed(1)))],
  ['validate', validate],
  ...named('sign asInteger isInteger asApproximateFloat isGreaterThan isLessThan compareTo add sub', nominal),
  ...named('major minor patch getScheme getHostname getHost getPort getEscapedPath getQuery', nominal),
  ['_==_', equality],
]);

/** The estimate for a function of Kubernetes' environment; undefined for those of the language itself. */
export function kubernetesEstimate(call: CallShape): CallEstimate | undefined {
  return extensionEstimate(call) ?? BY_NAME.get(call.name)?.(call);
}
