import { TURN_MS } from './limits.js';

/*
 * The event loop's current turn, which there is one of in a process. Whoever works on what many clients sent asks whether
 * the turn has had enough: then the rest waits for the next one, before which the loop looks for what others have sent.
 */

let since: number | undefined;
let isNextDue = false;
let waiting: (() => void)[] = [];

/** Whether the work of this turn has taken as long as it should. The turn begins with the first question. */
export function isTurnSpent(): boolean {
  if (since !== undefined) return performance.now() - since > TURN_MS;
  since = performance.now();
  planNext();
  return false;
}

/** Runs something at the beginning of the next turn, after everything that was put off before it. */
export function inNextTurn(action: () => void): void {
  waiting.push(action);
  planNext();
}

function planNext(): void {
  if (isNextDue) return;
  isNextDue = true;
  setImmediate(beginNext);
}

function beginNext(): void {
  since = undefined;
  isNextDue = false;
  const actions = waiting;
  waiting = [];
  for (const action of actions) action();
}
