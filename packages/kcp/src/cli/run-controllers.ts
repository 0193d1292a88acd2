import type { ControllersConfig } from '../config/server-config.js';
import type { RemoteControllers } from '../controllers-program.js';
import type { ProcessSurface } from './process-surface.js';
import { runUntilStopped } from './run-until-stopped.js';
import type { StartFault } from './start-fault.js';

/** Errors whose message is written for the user as it is. */
const WORDED: ReadonlySet<string> = new Set(['KubeconfigFault', 'TransportError', 'StatusError']);

/** Runs the controllers of a server elsewhere until it is told to stop. Resolves with the exit code. */
export function runControllersUntilStopped(config: ControllersConfig, surface: ProcessSurface): Promise<number> {
  return runUntilStopped<RemoteControllers>(
    {
      log: config.log,
      end: 'the controllers end',
      async begin(log) {
        const { runControllers } = await import('../controllers-program.js');
        return runControllers(config, log);
      },
      greeting: ({ url }) => `controllers work on ${url}\n`,
      fault: remoteFault,
    },
    surface,
  );
}

/** Why a program that works on a server elsewhere did not begin, for a person. */
export function remoteFault(error: unknown): StartFault {
  const text = error instanceof Error ? (error.message.split(/\r?\n/, 1)[0] ?? '') : String(error);
  const worded = error instanceof Error && WORDED.has(error.name);
  return { message: worded ? text : `cannot start: ${text}`, unexpected: !worded };
}
