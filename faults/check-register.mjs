// Is a history of one key linearizable? Each operation took effect at some moment between its call and its answer, as if
// they had come one after the other (Herlihy and Wing 1990). The search is that of Wing and Gong with Lowe's memory of
// what was tried: worst case exponential, quick for histories whose values are unique, as ours are.

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
 * operations, of which the first cannot have had their answers.
 * @param {readonly Operation[]} operations
 */
export function checkRegister(operations) {
  const sorted = relevant(operations).sort((a, b) => a.call - b.call);
  const ends = sorted.map((one) => (one.answer === 'unknown' ? Number.POSITIVE_INFINITY : one.end));
  const done = new Array(sorted.length).fill(false);
  const seen = new Set();
  let deepest = 0;
  let stuck = { state: ABSENT, left: sorted.slice(0, SHOWN) };
  let required = ends.filter(Number.isFinite).length;
  /** Steps to take back: index, the state before it, and where to go on looking. */
  const steps = [];
  let state = ABSENT;
  let from = 0;
  while (required > 0) {
    const index = nextStep(sorted, ends, done, from, state, seen);
    if (index >= 0) {
      steps.push({ index, state });
      done[index] = true;
      if (Number.isFinite(ends[index])) required--;
      state = apply(state, sorted[index]);
      if (steps.length > deepest) {
        deepest = steps.length;
        stuck = { state, left: sorted.filter((_, at) => !done[at] && Number.isFinite(ends[at])).slice(0, SHOWN) };
      }
      from = 0;
      continue;
    }
    const last = steps.pop();
    if (last === undefined) return stuck;
    done[last.index] = false;
    if (Number.isFinite(ends[last.index])) required++;
    state = last.state;
    from = last.index + 1;
  }
  return undefined;
}

/** The next operation that may come first: none that is left ended before its call. */
function nextStep(sorted, ends, done, from, state, seen) {
  let earliestEnd = Number.POSITIVE_INFINITY;
  for (let i = 0; i < sorted.length; i++) {
    if (!done[i] && ends[i] < earliestEnd) earliestEnd = ends[i];
    if (sorted[i].call > earliestEnd) break;
  }
  for (let i = from; i < sorted.length && sorted[i].call <= earliestEnd; i++) {
    if (done[i]) continue;
    const after = apply(state, sorted[i]);
    if (after === REFUSED || (after === state && sorted[i].answer === 'unknown')) continue;
    const memory = remember(done, i, after);
    if (seen.has(memory)) continue;
    seen.add(memory);
    return i;
  }
  return -1;
}

function remember(done, index, state) {
  let first = 0;
  while (done[first] || first === index) first++;
  let set = `${first}:`;
  for (let i = first; i < done.length; i++) if (done[i] || i === index) set += `${i},`;
  return `${set}${state}`;
}

/** Reads that failed say nothing, nor does what was refused for a reason that is not the key's. */
function relevant(operations) {
  return operations.filter(({ op, answer }) => answer !== 'failed' && !(op === 'get' && answer === 'unknown'));
}
