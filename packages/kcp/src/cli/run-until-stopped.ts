import type { LogConfig } from '../config/server-config.js';
import { createLog, errorText, type Log, STACK_VERBOSITY } from '../log/log.js';
import type { ProcessSurface, StopSignal } from './process-surface.js';
import type { StartFault } from './start-fault.js';

const OK = 0;
const FAILED = 1;
/** What a shell reports for a process that a signal ended. */
const KILLED_BY: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143 };
/** A shutdown that takes longer has hung. */
const STOP_TIMEOUT_MS = 30_000;
const ALIVE_MS = 60 * 60 * 1_000;

interface Stoppable {
  stop(): Promise<void>;
}

/** Something that goes on until it is told to stop. */
export interface Undertaking<T extends Stoppable> {
  /** What the user called; `kcp` unless it is said. */
  readonly program?: string;
  readonly log: LogConfig;
  /** For the log: `the server ends`. */
  readonly end: string;
  begin(log: Log): Promise<T>;
  /** What the user is told when it has begun. */
  greeting(begun: T): string;
  /** Why it did not begin, for a person. */
  fault(error: unknown): StartFault;
}

/**
 * Begins an undertaking, tells of it, and lets it go on until SIGINT or SIGTERM. Resolves with the exit code. A second
 * signal ends the process at once.
 */
export async function runUntilStopped<T extends Stoppable>(
  undertaking: Undertaking<T>,
  surface: ProcessSurface,
): Promise<number> {
  const log = createLog({ ...undertaking.log, write: (line) => surface.err(line), now: () => surface.now() });
  surface.onFatal((error) => {
    log.error(`internal error, ${undertaking.end}`, { error: errorText(error, true) });
    surface.exit(FAILED);
  });
  const stopped = stopSignal(surface);
  const begun = await begin(undertaking, log, surface);
  if (begun === undefined) return FAILED;
  // What waits for a lease has nothing open that would keep the process alive.
  const alive = setInterval(() => {}, ALIVE_MS);
  const signal = await stopped;
  clearInterval(alive);
  log.info('stopping', { signal });
  return stop(begun, log);
}

async function begin<T extends Stoppable>(
  undertaking: Undertaking<T>,
  log: Log,
  surface: ProcessSurface,
): Promise<T | undefined> {
  try {
    const begun = await undertaking.begin(log);
    surface.out(undertaking.greeting(begun));
    return begun;
  } catch (error) {
    const { message, unexpected } = undertaking.fault(error);
    surface.err(`${undertaking.program ?? 'kcp'}: ${message}\n`);
    if (unexpected && undertaking.log.verbosity >= STACK_VERBOSITY) surface.err(`${errorText(error, true)}\n`);
    return undefined;
  }
}

/** Resolves with the first signal; from then on a signal is an order to die. A signal during the start counts too. */
function stopSignal(surface: ProcessSurface): Promise<StopSignal> {
  return new Promise((resolve) => {
    let asked = false;
    surface.onStopSignal((signal) => {
      if (asked) surface.exit(KILLED_BY[signal]);
      asked = true;
      resolve(signal);
    });
  });
}

async function stop(begun: Stoppable, log: Log): Promise<number> {
  const hung = deadline();
  try {
    await Promise.race([begun.stop(), hung.passed]);
    log.info('stopped');
    return OK;
  } catch (error) {
    log.error('could not stop cleanly', { error });
    return FAILED;
  } finally {
    hung.cancel();
  }
}

function deadline(): { readonly passed: Promise<never>; cancel(): void } {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not stopped after ${STOP_TIMEOUT_MS / 1_000} s`)), STOP_TIMEOUT_MS);
  });
  return { passed, cancel: () => clearTimeout(timer) };
}
