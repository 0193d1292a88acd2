import { REGEX_LENGTH, STRING_TRAVERSAL } from './call-costs.js';
import type { CallEstimate, CallShape } from './cost-node.js';
import { fixed, plus, type Range, scaled, times, UNBOUNDED } from './range.js';

const ORDERED = /^(less|greater)(_equals)?_(string|bytes)$/;

/** The estimate for a function of the language itself, without its arguments. */
export function standardEstimate(call: CallShape): CallEstimate {
  const { target } = call;
  const [first, second] = call.args;
  const size = (index: number): Range => {
    const node = call.args[index];
    return node === undefined ? fixed(0) : call.sizeOf(node);
  };
  switch (call.overload) {
    case 'string_format':
      return target === undefined ? SIMPLE : costOnly(scaled(call.sizeOf(target), STRING_TRAVERSAL));
    case 'string_to_bytes':
      return {
        cost: scaled(size(0), STRING_TRAVERSAL),
        size: { min: size(0).min, max: Math.min(size(0).max * 4, UNBOUNDED) },
      };
    case 'bytes_to_string':
      return { cost: scaled(size(0), STRING_TRAVERSAL), size: { min: Math.floor(size(0).min / 4), max: size(0).max } };
    case 'strings_quote':
      return { cost: scaled(size(0), STRING_TRAVERSAL), size: { min: size(0).min + 2, max: quotedMax(size(0).max) } };
    case 'starts_with_string':
    case 'ends_with_string':
      return costOnly(scaled(size(0), STRING_TRAVERSAL));
    case 'in_list':
      return costOnly(scaled(size(1), 1));
    case 'matches_string':
      return target === undefined || first === undefined ? SIMPLE : costOnly(matchRange(call.sizeOf(target), size(0)));
    case 'contains_string':
      if (target === undefined) return SIMPLE;
      return costOnly(times(scaled(call.sizeOf(target), STRING_TRAVERSAL), scaled(size(0), STRING_TRAVERSAL)));
    case 'add_list':
      return { cost: fixed(1), size: plus(size(0), size(1)) };
    case 'add_string':
    case 'add_bytes': {
      const sum = plus(size(0), size(1));
      return { cost: scaled(sum, STRING_TRAVERSAL), size: sum };
    }
    default:
  }
  const compared = call.overload === 'equals' || call.overload === 'not_equals' || ORDERED.test(call.overload);
  if (!compared || first === undefined || second === undefined) return SIMPLE;
  const smaller = Math.min(size(0).max, size(1).max);
  return costOnly(scaled({ min: smaller > 0 ? 1 : 0, max: smaller }, STRING_TRAVERSAL));
}

const SIMPLE: CallEstimate = { cost: fixed(1), size: undefined };

function costOnly(cost: Range): CallEstimate {
  return { cost, size: undefined };
}

/** Upstream's sum runs over where the text is unbounded. */
function quotedMax(size: number): number {
  return size >= UNBOUNDED ? 0 : size * 2 + 2;
}

/** The cost of matching texts of a size against patterns of a size. */
export function matchRange(text: Range, pattern: Range): Range {
  return times(scaled(plus(text, fixed(1)), STRING_TRAVERSAL), scaled(pattern, REGEX_LENGTH));
}
