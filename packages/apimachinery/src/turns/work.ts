/**
 * Long work that can be put aside: it yields where it may be, often enough that what lies between takes well below a
 * millisecond, and goes on when it is asked to. Whoever has it decides: all at once, or in turns with everybody else.
 */
export type Work<T> = Generator<undefined, T, undefined>;

/** Small steps, such as looking at one node of a schema, after which work is to yield once. */
const SMALL_STEPS = 64;

let small = 0;

/** Counts a small step; true when it is time to yield. Yielding costs more than such a step. */
export function isRestDue(): boolean {
  small = (small + 1) % SMALL_STEPS;
  return small === 0;
}

/** Does work without putting it aside. */
export function atOnce<T>(work: Work<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}
