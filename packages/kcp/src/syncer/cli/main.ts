import type { ProcessSurface } from '../../cli/process-surface.js';
import { runProgram } from '../../cli/run-program.js';
import { syncerConfig } from '../../config/sync-flags.js';
import { runSyncer } from '../syncer-program.js';

export { realProcess } from '../../cli/process-surface.js';

/** The command line of the syncer: resolves with the exit code. */
export function main(args: readonly string[], surface: ProcessSurface): Promise<number> {
  return runProgram(
    {
      name: 'syncer',
      understand: syncerConfig,
      begin: runSyncer,
      greeting: ({ location, resources }) => `syncs ${resources.join(', ')} with ${location}\n`,
    },
    args,
    surface,
  );
}
