import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { parseClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject, OwnerReference } from '@kcp/apimachinery/meta/object';
import { systemClock } from '@kcp/apiserver/clock';
import type { Client } from '@kcp/client/rest/client';
import fc from 'fast-check';
import { awaitObject, isGone } from '../testing/await-object.js';
import { type AssembledServer, assemble } from './assemble-server.js';
import { inProcessClient, mastersUser } from './in-process-client.js';
import { openStore } from './open-store.js';
import { builtinsOf, inProcessClients, type RunningControllers, startControllers } from './start-controllers.js';

const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };
const LOG = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };
const OBJECTS_MAX = 9;
const RUNS = 25;

const configMap = (name: string, ownerReferences: OwnerReference[] = []): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', ownerReferences, labels: { model: 'yes' } },
});
const reference = (name: string, uid: string): OwnerReference => ({ apiVersion: 'v1', kind: 'ConfigMap', name, uid });

/** For each object the earlier ones that own it, and which objects somebody deletes. */
const families = fc.record({
  owners: fc.array(fc.uniqueArray(fc.nat(OBJECTS_MAX - 1), { maxLength: 3 }), { minLength: 1, maxLength: OBJECTS_MAX }),
  deleted: fc.uniqueArray(fc.nat(OBJECTS_MAX - 1), { maxLength: 4 }),
});

/** Whoever had owners and has none left goes; the names of those who are gone go. */
function survivors(owners: readonly (readonly number[])[], deleted: readonly number[]): Map<number, number[]> {
  const left = new Map<number, number[]>();
  for (const [at, all] of owners.entries()) {
    const earlier = all.filter((owner) => owner < at);
    const living = earlier.filter((owner) => left.has(owner));
    if (!deleted.includes(at) && (earlier.length === 0 || living.length > 0)) left.set(at, living);
  }
  return left;
}

describe('the garbage collector', () => {
  let server: AssembledServer;
  let client: Client;
  let controllers: RunningControllers;
  let close: () => Promise<void>;

  const start = (): RunningControllers =>
    startControllers({
      clientOf: inProcessClients(server, systemClock),
      isBuiltin: builtinsOf(server),
      log: LOG,
      clock: systemClock,
    });

  before(async () => {
    const store = await openStore({ inMemory: true, rootDirectory: '', history: {} }, LOG);
    server = await assemble({ store, log: LOG, identity: { tokens: [], anonymous: false } });
    const cluster = parseClusterName('team-a');
    assert.ok(cluster);
    client = inProcessClient(server, mastersUser('tester'), systemClock, 'tester').in(cluster);
    controllers = start();
    close = async () => {
      await controllers.stop();
      await server.cache.close();
      await store.close();
    };
  });
  after(() => close());

  async function makeFamily(run: number, owners: readonly (readonly number[])[]): Promise<void> {
    const uids: string[] = [];
    for (const [at, all] of owners.entries()) {
      const references = all
        .filter((owner) => owner < at)
        .map((owner) => reference(`${run}-${owner}`, uids[owner] ?? ''));
      const { metadata } = await client.create(CONFIG_MAPS, configMap(`${run}-${at}`, references));
      uids.push(metadata.uid ?? '');
    }
  }

  /** Each name with the names of its owners; the family is as wanted, or what it is after some time. */
  async function untilFamily(run: number, wanted: Map<number, number[]>): Promise<string> {
    const expected = [...wanted]
      .map(([at, owners]) => `${run}-${at}<${owners.map((owner) => `${run}-${owner}`)}`)
      .sort();
    for (let look = 0; ; look++) {
      const { items } = await client.list(CONFIG_MAPS, { labelSelector: 'model' });
      const own = items.filter(({ metadata }) => metadata.name?.startsWith(`${run}-`));
      const found = own.map(
        ({ metadata }) => `${metadata.name}<${(metadata.ownerReferences ?? []).map(({ name }) => name)}`,
      );
      if (found.sort().join() === expected.join() || look === 400) return found.join();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  const textOf = (run: number, wanted: Map<number, number[]>) =>
    [...wanted]
      .map(([at, owners]) => `${run}-${at}<${owners.map((owner) => `${run}-${owner}`)}`)
      .sort()
      .join();

  test('leaves of any family exactly those who have an owner left, or never had one', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(families, async ({ owners, deleted }) => {
        run++;
        await makeFamily(run, owners);
        const there = deleted.filter((at) => at < owners.length);
        await Promise.allSettled(
          there.map((at) => client.delete(CONFIG_MAPS, { namespace: 'default', name: `${run}-${at}` })),
        );
        const wanted = survivors(owners, there);
        assert.equal(await untilFamily(run, wanted), textOf(run, wanted));
      }),
      { numRuns: RUNS },
    );
  });

  test('finds at its start what was left behind while nobody looked', async () => {
    const owner = await client.create(CONFIG_MAPS, configMap('owner'));
    await client.create(CONFIG_MAPS, configMap('owned', [reference('owner', owner.metadata.uid ?? '')]));
    await client.create(CONFIG_MAPS, configMap('kept'));
    await controllers.stop();
    await client.delete(CONFIG_MAPS, { namespace: 'default', name: 'owner' });
    controllers = start();
    await awaitObject(client, CONFIG_MAPS, { namespace: 'default', name: 'owned' }, isGone);
    assert.ok(await client.get(CONFIG_MAPS, { namespace: 'default', name: 'kept' }));
  });
});
