import type { ProcessSurface } from '../../cli/process-surface.js';
import { runProgram } from '../../cli/run-program.js';
import { splitterConfig } from '../../config/sync-flags.js';
import { runSplitter } from '../splitter-program.js';

export { realProcess } from '../../cli/process-surface.js';

/** The command line of the deployment splitter: resolves with the exit code. */
export function main(args: readonly string[], surface: ProcessSurface): Promise<number> {
  return runProgram(
    {
      name: 'deployment-splitter',
      understand: splitterConfig,
      begin: runSplitter,
      greeting: () => 'splits deployments over the clusters that are Ready\n',
    },
    args,
    surface,
  );
}
