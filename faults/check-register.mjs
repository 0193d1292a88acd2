// Is a history of one key linearizable? Each operation took effect at some moment between its call and its answer, as if
// they had come one after the other (Herlihy and Wing 1990). The search is that of Wing and Gong with Lowe's memory of
// what was tried: worst case exponential, quick for histories whose values are unique, as ours are.

import { randomBytes } from 'node:crypto';

/**
 * One operation on the key. `value` is what a write wrote, `expected` what a compare-and-swap was based on; both are
 * unique texts. `answer`: 'ok' with `found` for reads (undefined: absent), 'conflict', 'exists', 'absent', or 'unknown'
 * for a write whose answer was lost: it took effect at any time after its call, or never.
 * @typedef {{ op: 'get' | 'create' | 'update' | 'delete', value?: string, expected?: string, answer: string,
 *   found?: string, call: number, end: number }} Operation
 */

const ABSENT = undefined;
/** Operations that are shown when no order explains them. */
const SHOWN = 12;
const REFUSED = Symbol('refused');

/** The state after an operation, or REFUSED when it cannot have had this answer in this state. */
function apply(state, { op, value, expected, answer, found }) {
  if (op === 'get') return state === found ? state : REFUSED;
  if (answer === 'absent') return state === ABSENT && op !== 'create' ? state : REFUSED;
  if (answer === 'exists') return state !== ABSENT && op === 'create' ? state : REFUSED;
  if (answer === 'conflict') return state !== ABSENT && state !== expected ? state : REFUSED;
  const fits = op === 'create' ? state === ABSENT : state !== ABSENT && state === expected;
  if (!fits) return answer === 'unknown' ? state : REFUSED;
  return op === 'delete' ? ABSENT : value;
}

/**
 * Undefined when the history is linearizable; otherwise how far the best order came: the state then, and the next
 * operations, of which the first cannot have had their answers. Time and memory grow with the length of the history, not
 * with its square, also when hundreds of writes were never answered.
 * @param {readonly Operation[]} operations
 */
export function checkRegister(operations) {
  const search = new Search(relevant(operations).sort((a, b) => a.call - b.call));
  for (;;) {
    if (search.isDone) return undefined;
    if (!search.forward() && !search.back()) return search.stuck;
  }
}

/** One way through the history at a time: what is done, and what may come next at each point of the way. */
class Search {
  /** Operations that were answered, by their calls; each has a place in the order. */
  #answered;
  /** Writes that may have happened, by the value that they need to find. */
  #possible = new Map();
  #done;
  /** Everything answered before this one is done, and the last that is. */
  #first = 0;
  #last = -1;
  /** Which possible writes are done, as one number that tells sets apart (Zobrist). */
  #taken = 0n;
  #state = ABSENT;
  #steps = [];
  #seen = new Set();
  #choices;
  #deepest = -1;
  stuck;

  constructor(sorted) {
    this.#answered = sorted.filter(({ answer }) => answer !== 'unknown');
    this.#done = new Array(this.#answered.length).fill(false);
    for (const operation of sorted) {
      if (operation.answer !== 'unknown') continue;
      const needed = operation.op === 'create' ? ABSENT : operation.expected;
      const others = this.#possible.get(needed) ?? [];
      others.push({ operation, taken: false, mark: randomMark() });
      this.#possible.set(needed, others);
    }
    this.#arrive();
  }

  get isDone() {
    return this.#first === this.#answered.length;
  }

  /** Takes the next step that was not tried in this state; false when there is none. */
  forward() {
    for (let choice = this.#choices.pop(); choice !== undefined; choice = this.#choices.pop()) {
      const operation = typeof choice === 'number' ? this.#answered[choice] : choice.operation;
      const after = apply(this.#state, operation);
      if (after === REFUSED) continue;
      const back = { choice, state: this.#state, first: this.#first, last: this.#last, choices: this.#choices };
      this.#mark(choice, true);
      this.#state = after;
      const memory = this.#memory();
      if (!this.#seen.has(memory)) {
        this.#seen.add(memory);
        this.#steps.push(back);
        this.#arrive();
        return true;
      }
      this.#restore(back);
    }
    return false;
  }

  /** Takes the last step back; false at the beginning. */
  back() {
    const step = this.#steps.pop();
    if (step === undefined) return false;
    this.#restore(step);
    return true;
  }

  #restore({ choice, state, first, last, choices }) {
    this.#mark(choice, false);
    this.#state = state;
    this.#first = first;
    this.#last = last;
    this.#choices = choices;
  }

  #mark(choice, done) {
    if (typeof choice !== 'number') {
      choice.taken = done;
      this.#taken ^= choice.mark;
      return;
    }
    this.#done[choice] = done;
    if (!done) return;
    this.#last = Math.max(this.#last, choice);
    while (this.#done[this.#first]) this.#first++;
  }

  /** Finds what may come next: nothing that was called after something else that is left had ended. */
  #arrive() {
    let earliestEnd = Number.POSITIVE_INFINITY;
    const open = [];
    for (let i = this.#first; i < this.#answered.length && this.#answered[i].call <= earliestEnd; i++) {
      if (this.#done[i]) continue;
      open.push(i);
      earliestEnd = Math.min(earliestEnd, this.#answered[i].end);
    }
    const possible = (this.#possible.get(this.#state) ?? []).filter(
      ({ operation, taken }) => !taken && operation.call <= earliestEnd,
    );
    // The last is tried first: what was answered, in the order of its calls.
    this.#choices = [...possible, ...open.filter((i) => this.#answered[i].call <= earliestEnd).reverse()];
    if (this.#steps.length <= this.#deepest) return;
    this.#deepest = this.#steps.length;
    this.stuck = { state: this.#state, left: this.#left() };
  }

  #left() {
    const left = [];
    for (let i = this.#first; i < this.#answered.length && left.length < SHOWN; i++) {
      if (!this.#done[i]) left.push(this.#answered[i]);
    }
    return left;
  }

  #memory() {
    let set = `${this.#first}:`;
    for (let i = this.#first; i <= this.#last; i++) if (this.#done[i]) set += `${i},`;
    return `${set}${this.#taken}:${this.#state}`;
  }
}

/** 64 bits, so that two sets have the same sum once in an age. */
function randomMark() {
  return randomBytes(8).readBigUInt64LE();
}

/** Reads that failed say nothing, nor does what was refused for a reason that is not the key's. */
function relevant(operations) {
  return operations.filter(({ op, answer }) => answer !== 'failed' && !(op === 'get' && answer === 'unknown'));
}
