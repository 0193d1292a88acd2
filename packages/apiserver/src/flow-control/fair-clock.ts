/** Somebody who is served in turn with others. */
export interface Served {
  /** What he has had, in the time of the clock that he is under. */
  virtualTime: number;
}

/** Start-time fair queueing: whoever has had least is next. */
export class FairClock {
  #now = 0;

  /** One who waited for nothing comes back; he has saved nothing up meanwhile. */
  joins(one: Served): void {
    one.virtualTime = Math.max(one.virtualTime, this.#now);
  }

  serves(one: Served, cost: number): void {
    this.#now = one.virtualTime;
    one.virtualTime += cost;
  }
}

/** The one who has had least among those that may be served; undefined where nobody may. */
export function leastServed<S extends Served>(all: readonly S[], may: (one: S) => boolean): S | undefined {
  let least: S | undefined;
  for (const one of all) if ((least === undefined || one.virtualTime < least.virtualTime) && may(one)) least = one;
  return least;
}
