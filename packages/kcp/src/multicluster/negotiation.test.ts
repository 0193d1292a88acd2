import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { hasReason } from '@kcp/apimachinery/errors/status-error';
import { stringify } from '@kcp/apimachinery/json/stringify';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readBoolean, readObject, readString } from '@kcp/apimachinery/schema/read';
import type { Client } from '@kcp/client/rest/client';
import type { Kcp } from '../index.js';
import { awaitObject, isGone } from '../testing/await-object.js';
import { deploymentDefinition } from './testing/deployment-definition.js';
import {
  API_IMPORTS,
  CLUSTERS,
  condition,
  DEFINITIONS,
  isTrue,
  NEGOTIATED_APIS,
  registered,
  startMulticluster,
  startPhysical,
} from './testing/many-clusters.js';

const DEPLOYMENTS = { group: 'apps', version: 'v1', resource: 'deployments' };
const EAST = { name: 'deployments.us-east1.v1.apps' };
const WEST = { name: 'deployments.us-west1.v1.apps' };
const NEGOTIATED = { name: 'deployments.v1.apps' };
const DEFINITION = { name: 'deployments.apps' };

/** Whether a schema, of whatever object, knows the property that only one of the clusters has. */
const hasEphemeral = (object: KubeObject | undefined) => stringify(object ?? {}).includes('ephemeralContainers');
const isPublished = (object: KubeObject | undefined) => readBoolean(readObject(object ?? {}, 'spec') ?? {}, 'publish');
const merge = (spec: Record<string, string | boolean>) => ({ type: 'merge', value: { spec } }) as const;

describe('the negotiation of an API between two clusters, step by step', () => {
  let east: Kcp;
  let west: Kcp;
  let multi: Awaited<ReturnType<typeof startMulticluster>>;
  let client: Client;
  before(async () => {
    [east, west, multi] = await Promise.all([
      startPhysical([deploymentDefinition({ ephemeral: true })]),
      startPhysical([deploymentDefinition({ ephemeral: false })]),
      startMulticluster(['root']),
    ]);
    client = multi.kcp.cluster('root');
  });
  after(async () => {
    await multi.stop();
    await Promise.all([east.stop(), west.stop()]);
  });
  const register = (name: string, { kubeconfig = '' }: Kcp) => client.create(CLUSTERS, registered(name, kubeconfig));

  test('1: the first cluster is imported within 5 s; nothing is published', async () => {
    await register('us-east1', east);
    const { object, ms } = await awaitObject(client, API_IMPORTS, EAST, isTrue('Compatible'));
    assert.ok(ms <= 5_000, `${ms} ms`);
    assert.equal(condition(object, 'Available'), '');
    assert.equal(readString(readObject(object ?? {}, 'spec') ?? {}, 'schemaUpdateStrategy'), 'UpdateUnpublished');
    const negotiated = await client.get(NEGOTIATED_APIS, NEGOTIATED);
    assert.equal(Object.hasOwn(readObject(negotiated, 'spec') ?? {}, 'publish'), false);
    assert.equal(condition(negotiated, 'Published'), '');
    await assert.rejects(client.list(DEPLOYMENTS), (error) => hasReason(error, 'NotFound'));
  });

  test('2: once it is published, the type is there as the cluster has it', async () => {
    await client.patch(NEGOTIATED_APIS, NEGOTIATED, merge({ publish: true }));
    const { object } = await awaitObject(client, NEGOTIATED_APIS, NEGOTIATED, isTrue('Published'));
    assert.equal(condition(object, 'Enforced'), 'False');
    assert.equal(condition(object, 'Submitted'), 'True');
    await awaitObject(client, API_IMPORTS, EAST, isTrue('Available'));
    assert.ok(hasEphemeral(await client.get(DEFINITIONS, DEFINITION)));
    assert.ok((await client.discover()).some(({ resource, group }) => resource === 'deployments' && group === 'apps'));
    await awaitObject(client, CLUSTERS, { name: 'us-east1' }, isTrue('Ready'));
  });

  test('3: a cluster that offers less is told what it lacks, and changes nothing', async () => {
    await register('us-west1', west);
    const { object } = await awaitObject(client, API_IMPORTS, WEST, (one) => condition(one, 'Compatible') !== '');
    assert.equal(condition(object, 'Compatible'), 'False');
    assert.equal(condition(object, 'Compatible', 'reason'), 'IncompatibleSchema');
    assert.match(condition(object, 'Compatible', 'message'), /properties\[template\].*ephemeralContainers/);
    assert.notEqual(condition(object, 'Available'), 'True');
    assert.ok(hasEphemeral(await client.get(DEFINITIONS, DEFINITION)));
  });

  test('4: allowed to narrow what is published, it does', async () => {
    await client.patch(API_IMPORTS, WEST, merge({ schemaUpdateStrategy: 'UpdatePublished' }));
    await awaitObject(client, API_IMPORTS, WEST, isTrue('Compatible'));
    await awaitObject(client, API_IMPORTS, WEST, isTrue('Available'));
    assert.equal(hasEphemeral(await client.get(NEGOTIATED_APIS, NEGOTIATED)), false);
    await awaitObject(client, DEFINITIONS, DEFINITION, (one) => one !== undefined && !hasEphemeral(one));
    assert.ok(isTrue('Available')(await client.get(API_IMPORTS, EAST)));
  });

  test('5: when it leaves, what it had asked for is undone', async () => {
    await client.delete(CLUSTERS, { name: 'us-west1' });
    await awaitObject(client, API_IMPORTS, WEST, isGone);
    await awaitObject(client, NEGOTIATED_APIS, NEGOTIATED, hasEphemeral);
    await awaitObject(client, DEFINITIONS, DEFINITION, hasEphemeral);
    await awaitObject(client, CLUSTERS, { name: 'us-west1' }, isGone);
  });

  test('6: when the last one leaves, nothing is left', async () => {
    await client.delete(CLUSTERS, { name: 'us-east1' });
    await awaitObject(client, API_IMPORTS, EAST, isGone);
    await awaitObject(client, NEGOTIATED_APIS, NEGOTIATED, isGone);
    await awaitObject(client, DEFINITIONS, DEFINITION, isGone);
    await assert.rejects(client.list(DEPLOYMENTS), (error) => hasReason(error, 'NotFound'));
  });

  test('7: a definition made by hand decides', async () => {
    await client.create(DEFINITIONS, deploymentDefinition({ ephemeral: true }));
    await register('us-west1', west);
    const { object } = await awaitObject(client, NEGOTIATED_APIS, NEGOTIATED, isTrue('Enforced'));
    assert.ok(isTrue('Published')(object));
    assert.ok(isPublished(object));
    await awaitObject(client, API_IMPORTS, WEST, (one) => condition(one, 'Compatible') === 'False');
    await client.patch(API_IMPORTS, WEST, merge({ schemaUpdateStrategy: 'UpdatePublished' }));
    await register('us-east1', east);
    await awaitObject(client, API_IMPORTS, EAST, isTrue('Available'));
    const refused = await client.get(API_IMPORTS, WEST);
    assert.equal(condition(refused, 'Compatible'), 'False');
    assert.notEqual(condition(refused, 'Available'), 'True');
    assert.ok(hasEphemeral(await client.get(DEFINITIONS, DEFINITION)));
  });

  test('8: when that definition goes, the clusters negotiate again', async () => {
    await client.delete(DEFINITIONS, DEFINITION);
    await awaitObject(client, API_IMPORTS, WEST, isTrue('Compatible'));
    const { object } = await awaitObject(
      client,
      NEGOTIATED_APIS,
      NEGOTIATED,
      (one) => one !== undefined && !hasEphemeral(one),
    );
    assert.equal(isPublished(object), false);
    await awaitObject(client, API_IMPORTS, EAST, (one) => condition(one, 'Available') === 'False');
  });
});
