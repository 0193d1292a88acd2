import { parseCommandLine } from '../config/parse-command-line.js';
import type { ProcessSurface } from './process-surface.js';
import type { StartServer } from './running-server.js';

export interface Program {
  readonly surface: ProcessSurface;
  readonly version: string;
  /** Loads the server, which takes longer than everything else here: only when one is to be started. */
  readonly load: () => Promise<StartServer>;
}

const OK = 0;
const USAGE = 2;

/** The command line: understands `args` (after the program's name), does it, and resolves with the exit code. */
export async function main(args: readonly string[], { surface, version, load }: Program): Promise<number> {
  const command = parseCommandLine(args);
  switch (command.kind) {
    case 'start': {
      const { runServer } = await import('./run-server.js');
      return runServer(command.config, load, surface);
    }
    case 'controllers': {
      const { runControllersUntilStopped } = await import('./run-controllers.js');
      return runControllersUntilStopped(command.config, surface);
    }
    case 'data': {
      const { runData } = await import('./run-data.js');
      return runData(command.task, surface);
    }
    case 'version':
      surface.out(`kcp ${version} (node ${process.versions.node}, ${process.platform} ${process.arch})\n`);
      return OK;
    case 'help': {
      const { helpText } = await import('../config/help-text.js');
      surface.out(helpText(command.topic));
      return OK;
    }
    case 'fault':
      surface.err(`kcp: ${command.message} (see kcp help)\n`);
      return USAGE;
  }
}
