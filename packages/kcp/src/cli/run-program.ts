import { UsageFault } from '../config/read-flags.js';
import type { LogConfig } from '../config/server-config.js';
import type { Asked } from '../config/sync-flags.js';
import type { Log } from '../log/log.js';
import type { ProcessSurface } from './process-surface.js';
import { runUntilStopped } from './run-until-stopped.js';

/** A program that does one thing until it is stopped. */
export interface Program<C extends { readonly log: LogConfig }> {
  readonly name: string;
  /** Throws UsageFault. */
  readonly understand: (args: readonly string[]) => Asked<C>;
  /** Rejects with what keeps it from beginning. */
  readonly begin: (config: C, log: Log) => Promise<{ stop(): Promise<void> }>;
  readonly greeting: (config: C) => string;
}

const OK = 0;
const USAGE = 2;
/** Errors whose message is written for the user as it is. */
const WORDED: ReadonlySet<string> = new Set(['KubeconfigFault', 'TransportError', 'StatusError', 'ResourceFault']);

/** Runs a program with the arguments after its name. Resolves with the exit code. */
export async function runProgram<C extends { readonly log: LogConfig }>(
  { name, understand, begin, greeting }: Program<C>,
  args: readonly string[],
  surface: ProcessSurface,
): Promise<number> {
  let asked: Asked<C>;
  try {
    asked = understand(args);
  } catch (error) {
    if (!(error instanceof UsageFault)) throw error;
    surface.err(`${name}: ${error.message} (see ${name} --help)\n`);
    return USAGE;
  }
  if (asked.kind === 'help') {
    surface.out(asked.text);
    return OK;
  }
  const { config } = asked;
  const undertaking = {
    program: name,
    log: config.log,
    end: `${name} ends`,
    begin: (log: Log) => begin(config, log),
    greeting: () => greeting(config),
    fault,
  };
  return runUntilStopped(undertaking, surface);
}

function fault(error: unknown) {
  const message = error instanceof Error ? (error.message.split(/\r?\n/, 1)[0] ?? '') : String(error);
  const worded = error instanceof Error && WORDED.has(error.name);
  return { message: worded ? message : `cannot start: ${message}`, unexpected: !worded };
}
