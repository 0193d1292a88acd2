import type { ServerConfig } from '../config/server-config.js';
import type { ProcessSurface } from './process-surface.js';
import { runUntilStopped } from './run-until-stopped.js';
import type { RunningServer, StartServer } from './running-server.js';
import { startFault } from './start-fault.js';

/** Starts a server, tells how to use it, and serves until it is told to stop. Resolves with the exit code. */
export function runServer(
  config: ServerConfig,
  load: () => Promise<StartServer>,
  surface: ProcessSurface,
): Promise<number> {
  const undertaking = {
    log: config.log,
    end: 'the server ends',
    begin: async (log: Parameters<StartServer>[1]) => (await load())(config, log),
    greeting,
    fault: (error: unknown) => startFault(error, config),
  };
  return runUntilStopped(undertaking, surface);
}

function greeting({ url, kubeconfigFile }: RunningServer): string {
  return `kcp serves at ${url}, kubeconfig ${kubeconfigFile}

  export KUBECONFIG=${shellWord(kubeconfigFile)}
  kubectl api-resources

`;
}

function shellWord(text: string): string {
  return /^[\w./@:+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
