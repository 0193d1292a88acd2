import type { ServerConfig } from '../config/server-config.js';
import { createLog, errorText, type Log, STACK_VERBOSITY } from '../log/log.js';
import type { ProcessSurface, StopSignal } from './process-surface.js';
import type { RunningServer, StartServer } from './running-server.js';
import { startFault } from './start-fault.js';

const OK = 0;
const FAILED = 1;
/** What a shell reports for a process that a signal ended. */
const KILLED_BY: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143 };
/** A shutdown that takes longer has hung. */
const STOP_TIMEOUT_MS = 30_000;

/**
 * Starts a server, tells how to use it, and serves until SIGINT or SIGTERM. Resolves with the exit code. A second
 * signal ends the process at once.
 */
export async function runServer(
  config: ServerConfig,
  load: () => Promise<StartServer>,
  surface: ProcessSurface,
): Promise<number> {
  const log = createLog({ ...config.log, write: (line) => surface.err(line), now: () => surface.now() });
  surface.onFatal((error) => {
    log.error('internal error, the server ends', { error: errorText(error, true) });
    surface.exit(FAILED);
  });
  const stopped = stopSignal(surface);
  const server = await start(config, load, log, surface);
  if (server === undefined) return FAILED;
  const signal = await stopped;
  log.info('stopping', { signal });
  return stop(server, log);
}

async function start(
  config: ServerConfig,
  load: () => Promise<StartServer>,
  log: Log,
  surface: ProcessSurface,
): Promise<RunningServer | undefined> {
  try {
    const startServer = await load();
    const server = await startServer(config, log);
    surface.out(greeting(server));
    return server;
  } catch (error) {
    const { message, unexpected } = startFault(error, config);
    surface.err(`kcp: ${message}\n`);
    if (unexpected && config.log.verbosity >= STACK_VERBOSITY) surface.err(`${errorText(error, true)}\n`);
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

async function stop(server: RunningServer, log: Log): Promise<number> {
  const hung = deadline();
  try {
    await Promise.race([server.stop(), hung.passed]);
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

function greeting({ url, kubeconfigFile }: RunningServer): string {
  return `kcp serves at ${url}, kubeconfig ${kubeconfigFile}

  export KUBECONFIG=${shellWord(kubeconfigFile)}
  kubectl api-resources

`;
}

function shellWord(text: string): string {
  return /^[\w./@:+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
