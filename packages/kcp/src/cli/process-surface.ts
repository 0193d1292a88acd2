export type StopSignal = 'SIGINT' | 'SIGTERM';

/** The process as the command line sees it; tests have one of their own. */
export interface ProcessSurface {
  /** Writes text to standard output or standard error. */
  out(text: string): void;
  err(text: string): void;
  /** Whether a person watches standard error. */
  readonly terminal?: boolean;
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `listener` for every SIGINT and SIGTERM instead of dying; returns how to leave it again. */
  onStopSignal(listener: (signal: StopSignal) => void): () => void;
  /** Calls `listener` for an error that nobody caught; the process must end soon after. */
  onFatal(listener: (error: unknown) => void): void;
  /** Ends the process at once. */
  exit(code: number): void;
}

const STOP_SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM'];

/** The real one. A reader of our output that goes away (`kcp start | head`) does not end the server. */
export function realProcess(): ProcessSurface {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedPipe);
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    terminal: process.stderr.isTTY === true,
    now: () => Date.now(),
    onStopSignal,
    onFatal(listener) {
      process.on('uncaughtException', listener);
      process.on('unhandledRejection', listener);
    },
    exit: (code) => process.exit(code),
  };
}

function onStopSignal(listener: (signal: StopSignal) => void): () => void {
  for (const signal of STOP_SIGNALS) process.on(signal, listener);
  return () => {
    for (const signal of STOP_SIGNALS) process.off(signal, listener);
  };
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
