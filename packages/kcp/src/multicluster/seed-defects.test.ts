import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { hasReason } from '@kcp/apimachinery/errors/status-error';
import { stringify } from '@kcp/apimachinery/json/stringify';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readString, readStrings } from '@kcp/apimachinery/schema/read';
import { systemClock } from '@kcp/apiserver/clock';
import type { Client } from '@kcp/client/rest/client';
import { MULTICLUSTER_DEFINITIONS } from '@kcp/controllers/multicluster/apis/definitions/all-definitions';
import { withConditions } from '@kcp/controllers/multicluster/apis/observed-conditions';
import { multiclusterControllers } from '../assembly/multicluster.js';
import { issueCertificate } from '../certificates/issue-certificate.js';
import { main } from '../cli/cluster-controller.js';
import { type Kcp, startKcp } from '../index.js';
import { awaitObject, isGone } from '../testing/await-object.js';
import { deploymentDefinition } from './testing/deployment-definition.js';
import {
  API_IMPORTS,
  CLUSTERS,
  condition,
  DEFINITIONS,
  define,
  isTrue,
  NEGOTIATED_APIS,
  registered,
  startControllers,
  startMulticluster,
  startPhysical,
} from './testing/many-clusters.js';

const SECRETS = { group: '', version: 'v1', resource: 'secrets' };
const EAST = { name: 'us-east1' };
const IMPORT = { name: 'deployments.us-east1.v1.apps' };
const NEGOTIATED = { name: 'deployments.v1.apps' };
const DEFINITION = { name: 'deployments.apps' };
const QUIET = { info: () => {}, warn: () => {}, debug: () => {}, error: () => {} };
const publish = (value: boolean) => ({ type: 'merge', value: { spec: { publish: value } } }) as const;
const syncedOf = (object: KubeObject | undefined) =>
  readStrings(readObject(object ?? {}, 'status') ?? {}, 'syncedResources');
const hasEphemeral = (object: KubeObject | undefined) => stringify(object ?? {}).includes('ephemeralContainers');

describe('what was wrong in the first kcp', () => {
  let physical: Kcp;
  let multi: Awaited<ReturnType<typeof startMulticluster>>;
  let client: Client;
  before(async () => {
    [physical, multi] = await Promise.all([
      startPhysical([deploymentDefinition({ ephemeral: true })]),
      startMulticluster(['root']),
    ]);
    client = multi.kcp.cluster('root');
    await client.create(CLUSTERS, registered(EAST.name, physical.kubeconfig ?? ''));
    await awaitObject(client, API_IMPORTS, IMPORT, isTrue('Compatible'));
  });
  after(async () => {
    await multi.stop();
    await physical.stop();
  });

  test('transition times: they change with the status, and with nothing else', () => {
    const say = (status: 'True' | 'False', reason: string) => ({ type: 'Ready', status, reason, message: '' });
    const timeOf = (conditions: ReturnType<typeof withConditions>) =>
      readString(conditions[0] ?? {}, 'lastTransitionTime');
    const first = withConditions([], [say('False', 'Unreachable')], 1, Date.UTC(2026, 0, 1));
    const reason = withConditions(first, [say('False', 'Timeout')], 2, Date.UTC(2026, 0, 2));
    const back = withConditions(reason, [say('True', 'SyncerReady')], 2, Date.UTC(2026, 0, 3));
    assert.deepEqual([first, reason, back].map(timeOf), [
      '2026-01-01T00:00:00Z',
      '2026-01-01T00:00:00Z',
      '2026-01-03T00:00:00Z',
    ]);
    assert.equal(withConditions(back, [say('True', 'SyncerReady')], 2, Date.UTC(2026, 0, 4)), back);
  });

  test('owner references: an import belongs to its Cluster, in the group that this kind is in', async () => {
    const { metadata } = await client.get(API_IMPORTS, IMPORT);
    const { uid } = (await client.get(CLUSTERS, EAST)).metadata;
    assert.deepEqual(metadata.ownerReferences, [
      { apiVersion: 'cluster.example.dev/v1alpha1', kind: 'Cluster', name: 'us-east1', uid },
    ]);
  });

  test('the default strategy: an import that names none gets UpdateUnpublished', async () => {
    const { spec, ...rest } = await client.get(API_IMPORTS, IMPORT);
    const { schemaUpdateStrategy: _, ...bare } = readObject({ spec }, 'spec') ?? {};
    const metadata = { name: 'deployments.hand.v1.apps' };
    const made = await client.create(API_IMPORTS, { ...rest, metadata, spec: { ...bare, location: 'hand' } });
    assert.equal(readString(readObject(made, 'spec') ?? {}, 'schemaUpdateStrategy'), 'UpdateUnpublished');
    await client.delete(API_IMPORTS, metadata);
    const odd = { ...rest, metadata, spec: { ...bare, schemaUpdateStrategy: 'Whenever' } };
    await assert.rejects(client.create(API_IMPORTS, odd), (error) => hasReason(error, 'Invalid'));
  });

  test('OpenAPI that is read once: what changes there changes here, without a timer', async () => {
    const below = physical.cluster('root');
    const { resourceVersion } = (await below.get(DEFINITIONS, DEFINITION)).metadata;
    const less = deploymentDefinition({ ephemeral: false });
    const metadata = { ...less.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
    await below.update(DEFINITIONS, { ...less, metadata });
    await awaitObject(client, API_IMPORTS, IMPORT, (object) => object !== undefined && !hasEphemeral(object));
    await awaitObject(client, NEGOTIATED_APIS, NEGOTIATED, (object) => object !== undefined && !hasEphemeral(object));
  });

  test('publishing: it can be undone', async () => {
    await client.patch(NEGOTIATED_APIS, NEGOTIATED, publish(true));
    await awaitObject(client, API_IMPORTS, IMPORT, isTrue('Available'));
    await client.patch(NEGOTIATED_APIS, NEGOTIATED, publish(false));
    await awaitObject(client, DEFINITIONS, DEFINITION, isGone);
    const { object } = await awaitObject(client, API_IMPORTS, IMPORT, (one) => condition(one, 'Available') === 'False');
    assert.equal(condition(object, 'Available', 'reason'), 'NotPublished');
    assert.equal(condition(await client.get(NEGOTIATED_APIS, NEGOTIATED), 'Published'), 'False');
  });

  test('imports that somebody deletes or changes are as the cluster says again', async () => {
    await client.delete(API_IMPORTS, IMPORT);
    await awaitObject(client, API_IMPORTS, IMPORT, isTrue('Compatible'));
    await client.patch(API_IMPORTS, IMPORT, { type: 'merge', value: { spec: { singular: 'nonsense' } } });
    const singular = (object: KubeObject | undefined) => readString(readObject(object ?? {}, 'spec') ?? {}, 'singular');
    await awaitObject(client, API_IMPORTS, IMPORT, (object) => singular(object) === 'deployment');
  });

  test('an expired client certificate: told by its name', async () => {
    const { certificate, key } = issueCertificate({
      subject: { commonName: 'late', organizations: [] },
      purpose: { kind: 'client' },
      validFrom: Date.UTC(2020, 0, 1),
      validTo: Date.UTC(2021, 0, 1),
    });
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const kubeconfig = (physical.kubeconfig ?? '')
      .replace(/client-certificate-data: .*/, `client-certificate-data: ${base64(certificate)}`)
      .replace(/client-key-data: .*/, `client-key-data: ${base64(key)}`);
    await client.create(CLUSTERS, registered('late', kubeconfig));
    const { object } = await awaitObject(
      client,
      CLUSTERS,
      { name: 'late' },
      (one) => condition(one, 'Ready') === 'False',
    );
    assert.equal(condition(object, 'Ready', 'reason'), 'ClientCertificateExpired');
  });

  test('the address of syncers: the one by which they reach the server', async () => {
    const kcp = await startKcp({ storage: 'memory', listen: { port: 0 } });
    const team = kcp.cluster('team-c');
    await define(team, MULTICLUSTER_DEFINITIONS);
    const controllers = multiclusterControllers(
      {
        mode: 'pull',
        syncerImage: 'kcp-syncer',
        upstreamUrl: 'https://kcp.example.com:6443',
        resources: ['deployments.apps'],
        autoPublish: true,
      },
      { client: kcp.all(), clock: systemClock, random: Math.random, log: QUIET },
      () => ({ url: kcp.url ?? '', authorities: undefined }),
    );
    for (const controller of controllers) controller.start();
    await team.create(CLUSTERS, registered(EAST.name, physical.kubeconfig ?? ''));
    const place = { namespace: 'syncer-system', name: 'kubeconfig-for-team-c' };
    const { object } = await awaitObject(physical.cluster('root'), SECRETS, place, (one) => one !== undefined);
    const data = readString(readObject(object ?? {}, 'data') ?? {}, 'kubeconfig');
    const text = Buffer.from(data, 'base64').toString();
    assert.match(text, /server: https:\/\/kcp\.example\.com:6443\/clusters\/team-c/);
    for (const controller of controllers) await controller.stop();
    await kcp.stop();
  });

  test('a restart: the controllers go on where they were, and nobody is told otherwise', async () => {
    const first = await startMulticluster(['root'], { autoPublish: true });
    const kcp = first.kcp;
    const root = kcp.cluster('root');
    await root.create(CLUSTERS, registered(EAST.name, physical.kubeconfig ?? ''));
    await awaitObject(root, API_IMPORTS, IMPORT, isTrue('Available'));
    await awaitObject(root, CLUSTERS, EAST, (one) => isTrue('Ready')(one) && syncedOf(one).length === 1);
    await first.controllers.stop();
    const before = await Promise.all([
      root.get(CLUSTERS, EAST),
      root.get(API_IMPORTS, IMPORT),
      root.get(NEGOTIATED_APIS, NEGOTIATED),
      root.get(DEFINITIONS, DEFINITION),
    ]);
    const second = startControllers(kcp, { autoPublish: true });
    await root.create(CLUSTERS, registered('us-west1', physical.kubeconfig ?? ''));
    await awaitObject(root, API_IMPORTS, { name: 'deployments.us-west1.v1.apps' }, isTrue('Available'));
    const [cluster, imported, , definition] = before;
    assert.deepEqual(await root.get(CLUSTERS, EAST), cluster);
    assert.deepEqual(await root.get(API_IMPORTS, IMPORT), imported);
    assert.deepEqual(await root.get(DEFINITIONS, DEFINITION), definition);
    await second.stop();
    await kcp.stop();
  });

  test('errors: the exit code says so', async () => {
    const process = {
      err: () => {},
      out: () => {},
      now: () => Date.now(),
      onStopSignal: () => () => {},
      onFatal: () => {},
      exit: () => assert.fail('it ends by itself'),
    };
    assert.equal(await main(['-kubeconfig', '/nowhere', '-push_mode'], process), 1);
    assert.equal(await main(['-pull_mode', '-push_mode', '-kubeconfig', 'x'], process), 2);
  });
});
