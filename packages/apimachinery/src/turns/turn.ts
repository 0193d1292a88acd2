import { atOnce, type Work } from './work.js';

/** How long a turn of the event loop may last before long work waits for the next one. */
export const TURN_MS_MAX = 8;
/** Texts from this size on are parsed in turns. */
export const LARGE_TEXT_BYTES_MIN = 64 * 1024;
/** What is parsed or encoded in a millisecond, roughly. */
const BYTES_PER_MS = 100_000;
/** A turn as young as this is as good as a new one. */
const FRESH_MS_MAX = 1;

/** Turns that the clock is looked at after the last large text or long work came by. */
const WATCHFUL_TURNS = 100;

/** While nobody does anything long, which is nearly always, nobody looks at the clock. */
let watchful = 0;
/** When the present turn of the event loop was first looked at; undefined where nobody did. */
let began: number | undefined;
/** Work that was put aside, in the order in which it goes on. */
const waiting: (() => void)[] = [];
/** What the next turn begins with. */
let starting: (() => void)[] = [];
let isNextDue = false;

/**
 * Whether the present turn of the event loop has been held for long, by whomever: what is long itself should wait for
 * the next one. Costs a look at the clock.
 */
export function isTurnLong(): boolean {
  return turnAgeMs() >= TURN_MS_MAX;
}

/** For how long the present turn has been held, as far as anybody looked. Costs a look at the clock. */
export function turnAgeMs(): number {
  const now = performance.now();
  if (began === undefined) {
    began = now;
    begin();
  }
  return now - began;
}

/**
 * Undefined while the present turn is young; else waits for another one, in line with all who wait. Costs nothing worth
 * mentioning where everything is small.
 */
export function anotherTurn(): Promise<void> | undefined {
  return watchful > 0 && isTurnLong() ? nextTurn() : undefined;
}

/** The same for those who do many small things one after the other; always costs a look at the clock. */
export function turnAmongMany(): Promise<void> | undefined {
  return isTurnLong() ? nextTurn() : undefined;
}

/** The same before one long step: parsing or encoding a text of that size. Undefined for a small one. */
export function turnFor(bytes: number): Promise<void> | undefined {
  if (bytes < LARGE_TEXT_BYTES_MIN) return undefined;
  watchful = WATCHFUL_TURNS;
  const held = turnAgeMs();
  return held > FRESH_MS_MAX && held + bytes / BYTES_PER_MS >= TURN_MS_MAX ? nextTurn() : undefined;
}

/** Does work, in as many turns of the event loop as it takes; at once when it is short. */
export function inTurns<T>(work: Work<T>): Promise<T> | T {
  watchful = WATCHFUL_TURNS;
  while (!isTurnLong()) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
  return goOn(work);
}

/** Does work on a text: at once where that is small, so that nobody has to look at the clock for it. */
export function onText<T>(text: string, work: (text: string) => Work<T>): Promise<T> | T {
  return text.length < LARGE_TEXT_BYTES_MIN ? atOnce(work(text)) : inTurns(work(text));
}

async function goOn<T>(work: Work<T>): Promise<T> {
  for (;;) {
    await nextTurn();
    watchful = WATCHFUL_TURNS;
    do {
      const step = work.next();
      if (step.done === true) return step.value;
    } while (!isTurnLong());
  }
}

/** Does something short at the beginning of the next turn, before whatever waits for one. */
export function inNextTurn(action: () => void): void {
  starting.push(action);
  begin();
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    begin();
  });
}

function begin(): void {
  if (isNextDue) return;
  isNextDue = true;
  setImmediate(turn);
}

/** A new turn: those who waited go on one after the other, for as long as it is young. */
function turn(): void {
  isNextDue = false;
  began = undefined;
  if (watchful > 0) watchful--;
  const actions = starting;
  starting = [];
  for (const action of actions) action();
  if (waiting.length > 0) resume();
}

function resume(): void {
  if (waiting.length === 0) return;
  if (isTurnLong()) {
    begin();
    return;
  }
  waiting.shift()?.();
  // What was resumed runs before that, until it waits again or is done.
  queueMicrotask(() => process.nextTick(resume));
}
