import { setFlagsFromString } from 'node:v8';
import type { StartServer } from './running-server.js';

/**
 * V8 doubles the space of young objects one collection after another, and each copies what lives. A server needs all of
 * it with its first crowd, so it goes there in one step (measured: docs/performance.md).
 */
const YOUNG_SPACE_GROWS_BY = 8;

/** Loads the composition root and with it the whole server. */
export async function loadServer(): Promise<StartServer> {
  setFlagsFromString(`--semi-space-growth-factor=${YOUNG_SPACE_GROWS_BY}`);
  const { startServer } = await import('../assemble.js');
  return startServer;
}
