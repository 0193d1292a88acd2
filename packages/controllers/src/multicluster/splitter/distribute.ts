/** A physical cluster that can take replicas. */
export interface Taker {
  readonly name: string;
  /** How much it takes in proportion to the others; 0: nothing. A whole number up to WEIGHT_MAX. */
  readonly weight: number;
  /** The most that it takes. */
  readonly max: number;
  /** What it has now. */
  readonly current: number;
}

export interface Distribution {
  /** Of every taker, by name. */
  readonly shares: ReadonlyMap<string, number>;
  /** What nobody may take. */
  readonly left: number;
}

/** Products of replicas and weights stay whole numbers that a double holds. */
export const WEIGHT_MAX = 1_000_000;

/**
 * Spreads replicas over clusters in proportion to their weights, none beyond its most, to whole numbers just below or
 * above the exact share. Who gets one more is whoever has it already, then who is owed most, then who is first by name:
 * of all fair distributions it is one that moves the fewest replicas. 15 over two is 8 and 7.
 */
export function distribute(total: number, takers: readonly Taker[]): Distribution {
  const shares = new Map(takers.map(({ name }) => [name, 0]));
  let left = total;
  let open = takers.filter(({ weight, max }) => weight > 0 && max > 0);
  // Whoever would get more than it takes is full, and the others share what is left; each round fills one at least.
  for (let full = fullOf(left, open); full.length > 0; full = fullOf(left, open)) {
    for (const { name, max } of full) shares.set(name, max);
    left -= full.reduce((sum, { max }) => sum + max, 0);
    open = open.filter((taker) => !full.includes(taker));
  }
  if (open.length === 0) return { shares, left };
  for (const [name, share] of rounded(left, open)) shares.set(name, share);
  return { shares, left: 0 };
}

function weightOf(takers: readonly Taker[]): number {
  return takers.reduce((sum, { weight }) => sum + weight, 0);
}

function fullOf(total: number, takers: readonly Taker[]): Taker[] {
  const weights = weightOf(takers);
  return takers.filter(({ weight, max }) => total * weight >= max * weights);
}

function rounded(total: number, takers: readonly Taker[]): [string, number][] {
  const weights = weightOf(takers);
  const owed = takers.map((taker) => {
    const product = total * taker.weight;
    const floor = Math.floor(product / weights);
    return { taker, floor, rest: product - floor * weights };
  });
  const more = total - owed.reduce((sum, { floor }) => sum + floor, 0);
  const turn = owed
    .filter(({ rest }) => rest > 0)
    .sort((a, b) => has(b) - has(a) || b.rest - a.rest || (a.taker.name < b.taker.name ? -1 : 1));
  const lucky = new Set(turn.slice(0, more));
  return owed.map((one) => [one.taker.name, one.floor + (lucky.has(one) ? 1 : 0)]);
}

/** 1 for one that would lose a replica if it did not get one more. */
function has({ taker, floor }: { readonly taker: Taker; readonly floor: number }): number {
  return taker.current > floor ? 1 : 0;
}
