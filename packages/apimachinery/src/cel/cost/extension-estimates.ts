import type { CallEstimate, CallShape, CostNode } from './cost-node.js';
import { fixed, plus, type Range, scaled, times, UNBOUNDED } from './range.js';

const LIST_COST = fixed(10);
const CALL = fixed(1);

/** A call that makes a list of `size` items at `factor` each. */
function making(factor: number, size: Range): CallEstimate {
  return { cost: plus(plus(scaled(size, factor), CALL), LIST_COST), size };
}

/** The number of a literal. */
function literalInt(node: CostNode | undefined, otherwise: number): number {
  if (node?.expr?.kind !== 'literal' || typeof node.expr.value !== 'number') return otherwise;
  return Math.max(node.expr.value, 0);
}

const SORT = /^list_(.+)_(sort|sortByAssociatedKeys)$/;

/** Estimates of cel-go's extensions for lists and sets, by overload. */
export function extensionEstimate({ overload, target, args, sizeOf }: CallShape): CallEstimate | undefined {
  const [first, second] = args;
  if (overload.startsWith('list_sets_') && first !== undefined && second !== undefined) {
    const factor = overload === 'list_sets_equivalent_list' ? 2 : 1;
    return { cost: plus(scaled(times(sizeOf(first), sizeOf(second)), factor), CALL), size: undefined };
  }
  if (overload === 'lists_range') return making(1, fixed(literalInt(first, UNBOUNDED)));
  if (target === undefined) return undefined;
  const size = sizeOf(target);
  switch (overload) {
    case 'list_slice': {
      const length = literalInt(second, size.max) - literalInt(first, 0);
      return making(1, fixed(length < 0 ? UNBOUNDED + length : length));
    }
    case 'list_flatten':
      return making(1, size);
    case 'list_flatten_int':
      return making(literalInt(first, UNBOUNDED), size);
    case 'list_reverse':
      return making(1, size);
    case 'list_distinct':
      return making(2, times(size, size));
    default:
  }
  const [, type, kind] = SORT.exec(overload) ?? [];
  if (type === undefined) return undefined;
  const keys = kind === 'sort' || first === undefined ? size : sizeOf(first);
  return making(type === 'string' || type === 'bytes' ? 2.1 : 2, times(keys, keys));
}
