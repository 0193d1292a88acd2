// A tenant of a server in this process, for the tests of one file.
import { after } from 'node:test';
import { startKcp } from 'kcp';
import { CRDS, definition } from './large-work.mjs';

/** Resolves with the client of a tenant in which a definition has been served once, so that all code is loaded. */
export async function tenantUnderTest() {
  const kcp = await startKcp({ storage: 'memory' });
  after(() => kcp.stop());
  const team = kcp.cluster('team-a');
  await team.create(CRDS, definition({ type: 'object' }));
  return team;
}
