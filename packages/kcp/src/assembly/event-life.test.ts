import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { parseClusterName } from '@kcp/apimachinery/meta/cluster-name';
import { readNumber } from '@kcp/apimachinery/schema/read';
import { systemClock } from '@kcp/apiserver/clock';
import { awaitObject, isGone } from '../testing/await-object.js';
import { inProcessClient, mastersUser } from './in-process-client.js';
import { openStore } from './open-store.js';
import { startCore } from './start-core.js';

const EVENTS = { group: '', version: 'v1', resource: 'events' };
const LEASES = { group: 'coordination.k8s.io', version: 'v1', resource: 'leases' };
const LOG = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };
const LIFE_MS = 1_500;

const event = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name, namespace: 'default' },
  involvedObject: { kind: 'ConfigMap', namespace: 'default', name: 'x' },
});

describe('a server whose controllers are elected', () => {
  // Timers of a server do not keep a process alive.
  const awake = setInterval(() => {}, 1_000);
  after(() => clearInterval(awake));

  test('lets Events go some time after they were last written', async () => {
    const store = await openStore({ inMemory: true, rootDirectory: '', history: {} }, LOG);
    const options = {
      store,
      log: LOG,
      identity: { tokens: [], anonymous: false },
      eventLifeMs: LIFE_MS,
      leaderElection: true,
    };
    const core = await startCore(options);
    const cluster = parseClusterName('team-a');
    assert.ok(cluster);
    const client = inProcessClient(core.server, mastersUser('tester'), systemClock, 'tester').in(cluster);
    await client.create(EVENTS, event('once'));
    await client.create(EVENTS, event('again'));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const again = { namespace: 'default', name: 'again' };
    await client.patch(EVENTS, again, { type: 'merge', value: { count: 2 } });
    await awaitObject(client, EVENTS, { namespace: 'default', name: 'once' }, isGone);
    assert.equal(readNumber(await client.get(EVENTS, again), 'count'), 2);
    await awaitObject(client, EVENTS, again, isGone);
    const system = parseClusterName('system');
    assert.ok(system);
    const lease = await client.in(system).get(LEASES, { namespace: 'default', name: 'kcp-controllers' });
    assert.ok(lease.spec);
    await core.stop();
  });
});
