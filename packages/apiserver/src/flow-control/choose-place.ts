/** A place where flows wait: a queue, or a group of queues. */
export interface Place {
  readonly waiting: number;
  /** The flow that waits here alone; undefined: several, or nobody. */
  readonly owner: number | undefined;
}

/**
 * The place of a hand where a flow bothers others least: one where it waits alone already, or nobody does; else the
 * emptiest. So a greedy flow has the turns of one place and not of its whole hand, and others step aside.
 */
export function choosePlace<P extends Place>(places: readonly P[], hand: readonly number[], flow: number): P {
  let emptiest: P | undefined;
  for (const card of hand) {
    const place = places[card];
    if (place === undefined) continue;
    if (place.waiting === 0 || place.owner === flow) return place;
    if (emptiest === undefined || place.waiting < emptiest.waiting) emptiest = place;
  }
  if (emptiest === undefined) throw new RangeError('a hand is never empty');
  return emptiest;
}
