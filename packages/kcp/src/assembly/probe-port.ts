import { once } from 'node:events';
import { createServer } from 'node:net';
import type { ListenAddress } from '../config/server-config.js';

/**
 * Rejects with what the system says of a port that cannot be had (EADDRINUSE, EACCES), before anything is written for a
 * server that could not be reached. Whoever takes the port after the look is met when the server listens.
 */
export async function probePort({ host, port }: ListenAddress): Promise<void> {
  if (port === 0) return;
  const probe = createServer();
  probe.listen({ port, ...(host === undefined ? {} : { host }) });
  await once(probe, 'listening');
  probe.close();
  await once(probe, 'close');
}
