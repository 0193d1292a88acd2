// A namespace with room for ten ConfigMaps: the eleventh is refused, until one goes.
import assert from 'node:assert/strict';
import { hasReason, startKcp } from 'kcp';

const core = (resource) => ({ group: '', version: 'v1', resource });
const kcp = await startKcp({ storage: 'memory' });
const team = kcp.cluster('team-a');

await team.create(core('namespaces'), { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'small' } });
await team.create(core('resourcequotas'), {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'ten', namespace: 'small' },
  spec: { hard: { configmaps: '10' } },
});

/** Waits until a quota says that so much is used; it is in force from the first time that it says anything. */
async function used(amount) {
  for await (const { object } of team.watchOnce(core('resourcequotas'), { namespace: 'small' })) {
    if (object.status?.used?.configmaps === String(amount)) return;
  }
}

const configMap = (at) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `c-${at}`, namespace: 'small' } });
await used(0);
for (let at = 1; at <= 10; at++) await team.create(core('configmaps'), configMap(at));
await assert.rejects(team.create(core('configmaps'), configMap(11)), (error) => {
  console.log(error.message);
  return hasReason(error, 'Forbidden');
});
await team.delete(core('configmaps'), { namespace: 'small', name: 'c-1' });
await used(9);
await team.create(core('configmaps'), configMap(11));
console.log('now there is room for it');
await kcp.stop();
