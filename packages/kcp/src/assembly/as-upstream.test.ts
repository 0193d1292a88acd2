import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { hasReason } from '@kcp/apimachinery/errors/status-error';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { Client } from '@kcp/client/rest/client';
import { type Kcp, startKcp } from '../index.js';

/** What clients in the field rely on, as a kube-apiserver 1.36 was seen to do it. */
describe('a client of the field', () => {
  const MAPS = { group: '', version: 'v1', resource: 'configmaps' };
  let kcp: Kcp;
  let client: Client;
  before(async () => {
    kcp = await startKcp({ storage: 'memory' });
    client = kcp.cluster('root');
  });
  after(() => kcp.stop());
  const configMap = (name: string, resourceVersion?: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default', ...(resourceVersion === undefined ? {} : { resourceVersion }) },
  });

  test('tries a copy of an object, resourceVersion and all, which it may not create', async () => {
    for (const stated of ['5', '05', '18446744073709551615']) {
      const trial = await client.create(MAPS, configMap('copy', stated), { dryRun: true });
      assert.equal(trial.metadata.resourceVersion, stated);
      await assert.rejects(client.create(MAPS, configMap('copy', stated)), {
        message: 'resourceVersion should not be set on objects to be created',
      });
    }
  });

  test('may state a resourceVersion that is none', async () => {
    for (const [i, stated] of ['0', '00', 'abc', '18446744073709551616'].entries()) {
      const { metadata } = await client.create(MAPS, configMap(`none-${i}`, stated));
      assert.notEqual(metadata.resourceVersion, stated);
    }
  });

  test('finds events of either version by what that version calls the object they are about', async () => {
    const core = { group: '', version: 'v1', resource: 'events' };
    const events = { group: 'events.k8s.io', version: 'v1', resource: 'events' };
    await client.create(core, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'moved', namespace: 'default' },
      involvedObject: { kind: 'ConfigMap', namespace: 'default', name: 'copy' },
      reportingComponent: 'mover',
      type: 'Normal',
    });
    const found = async (resource: typeof core, fieldSelector: string): Promise<number> =>
      (await client.list(resource, { namespace: 'default', fieldSelector })).items.length;
    assert.equal(await found(core, 'involvedObject.name=copy,reportingComponent=mover'), 1);
    assert.equal(await found(events, 'regarding.name=copy,regarding.kind=ConfigMap,reportingController=mover'), 1);
    assert.equal(await found(events, 'regarding.name=other'), 0);
    for (const [resource, field] of [
      [core, 'regarding.name'],
      [events, 'involvedObject.name'],
      [events, 'source'],
    ] as const) {
      await assert.rejects(found(resource, `${field}=x`), (error) => {
        assert.ok(hasReason(error, 'BadRequest'));
        assert.match(String(error), new RegExp(`field label not supported: ${field}`));
        return true;
      });
    }
  });
});
