import type { Clock, Random } from '@kcp/client/clock';
import type { Client } from '@kcp/client/rest/client';

/** Where a controller tells what happens; the log of whatever program it runs in. */
export interface ControllerLog {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Told only to those who want to know this much, 1 to 10. */
  debug(level: number, message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Everything that a controller has of the world. */
export interface Environment {
  /** Of all logical clusters, with the controller's own identity. */
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: ControllerLog;
}
