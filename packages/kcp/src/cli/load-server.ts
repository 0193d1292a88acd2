import type { StartServer } from './running-server.js';

/** Loads the composition root and with it the whole server. */
export async function loadServer(): Promise<StartServer> {
  const { startServer } = await import('../assemble.js');
  return startServer;
}
