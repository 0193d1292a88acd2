import { runClusterController } from '../cluster-controller-program.js';
import { CLUSTER_CONTROLLER_FLAGS } from '../config/flag-table.js';
import { clusterControllerHelp } from '../config/help-text.js';
import { readFlags } from '../config/read-flags.js';
import type { ClusterControllerConfig } from '../config/server-config.js';
import { clusterControllerConfig } from '../config/start-config.js';
import type { Asked } from '../config/sync-flags.js';
import type { ProcessSurface } from './process-surface.js';
import { runProgram } from './run-program.js';

export { realProcess } from './process-surface.js';

/** The command line of `cluster-controller`: resolves with the exit code. */
export function main(args: readonly string[], surface: ProcessSurface): Promise<number> {
  return runProgram(
    {
      name: 'cluster-controller',
      understand,
      begin: runClusterController,
      greeting: ({ multicluster: { mode, resources } }) =>
        `registers physical clusters (${resources.join(', ')}; ${GREETINGS[mode]})\n`,
    },
    args,
    surface,
  );
}

const GREETINGS = {
  push: 'syncers run here',
  pull: 'syncers run in the physical clusters',
  none: 'syncers are run by somebody else',
} as const;

/** Throws UsageFault for what makes no sense. */
function understand(args: readonly string[]): Asked<ClusterControllerConfig> {
  const { values, help, rest } = readFlags(args, CLUSTER_CONTROLLER_FLAGS, { go: true });
  if (help) return { kind: 'help', text: clusterControllerHelp() };
  return { kind: 'run', config: clusterControllerConfig(values, rest) };
}
