import type { ServerConfig } from '../config/server-config.js';
import type { Log } from '../log/log.js';

/** A server that answers, as the command line sees it. */
export interface RunningServer {
  /** `https://host:port`. */
  readonly url: string;
  readonly kubeconfigFile: string;
  /** Readyz goes red, watches end, data is flushed; resolves when nothing is left running. */
  stop(): Promise<void>;
}

/** The composition root as the command line sees it. Rejects with nothing half-started. */
export type StartServer = (config: ServerConfig, log: Log) => Promise<RunningServer>;
