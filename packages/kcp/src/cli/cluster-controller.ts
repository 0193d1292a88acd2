import { readCommandArguments } from '../config/command-arguments.js';
import { CLUSTER_CONTROLLER_FLAGS } from '../config/flag-table.js';
import { clusterControllerHelp } from '../config/help-text.js';
import { UsageFault } from '../config/read-flags.js';
import type { ClusterControllerConfig } from '../config/server-config.js';
import { clusterControllerConfig } from '../config/start-config.js';
import type { RemoteControllers } from '../controllers-program.js';
import type { ProcessSurface } from './process-surface.js';
import { remoteFault } from './run-controllers.js';
import { runUntilStopped } from './run-until-stopped.js';

const OK = 0;
const USAGE = 2;

/** The command line of `cluster-controller`: resolves with the exit code. */
export async function clusterController(args: readonly string[], surface: ProcessSurface): Promise<number> {
  try {
    const { values, help, positional } = readCommandArguments(args, CLUSTER_CONTROLLER_FLAGS);
    if (!help) return await run(clusterControllerConfig(values, positional), surface);
    surface.out(clusterControllerHelp());
    return OK;
  } catch (error) {
    if (!(error instanceof UsageFault)) throw error;
    surface.err(`cluster-controller: ${error.message}\n`);
    return USAGE;
  }
}

function run(config: ClusterControllerConfig, surface: ProcessSurface): Promise<number> {
  return runUntilStopped<RemoteControllers>(
    {
      log: config.log,
      end: 'the cluster controller ends',
      async begin(log) {
        const { runClusterController } = await import('../cluster-controller-program.js');
        return runClusterController(config, log);
      },
      greeting: ({ url }) => `the cluster controller works on ${url} (${config.multicluster.mode} mode)\n`,
      fault: remoteFault,
    },
    surface,
  );
}
