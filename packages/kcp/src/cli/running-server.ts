import type { ServerConfig } from '../config/server-config.js';
import type { Log } from './log.js';

/** A server that listens. */
export interface RunningServer {
  readonly port: number;
  /** The URL for clients on this machine, `https://host:port`. */
  readonly address: string;
  /** Resolves when readyz is green; rejects when it never will be. */
  readonly ready: Promise<void>;
  /** Readyz goes red, watches end, data is flushed; resolves when nothing is left running. */
  stop(): Promise<void>;
}

/** The composition root as the command line sees it. Rejects with nothing half-started. */
export type StartServer = (config: ServerConfig, log: Log) => Promise<RunningServer>;
