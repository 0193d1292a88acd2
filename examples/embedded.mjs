// A whole API server inside a test: no port, no disk, two tenants. Run it with: node examples/embedded.mjs
import assert from 'node:assert/strict';
import { startKcp } from 'kcp';

const kcp = await startKcp({ storage: 'memory' });
const configMaps = { group: '', version: 'v1', resource: 'configmaps' };
const hello = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'hello', namespace: 'default' },
  data: { who: 'world' },
};

const teamA = kcp.cluster('team-a');
const teamB = kcp.cluster('team-b');
await teamA.create(configMaps, hello);

const { items } = await teamA.list(configMaps, { namespace: 'default' });
assert.deepEqual(
  items.map((item) => item.data),
  [{ who: 'world' }],
);
assert.deepEqual((await teamB.list(configMaps, { namespace: 'default' })).items, []);
console.log(`team-a has ${items.length} ConfigMap, team-b has none`);

await kcp.stop();
