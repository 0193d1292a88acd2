import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { parseClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readString } from '@kcp/apimachinery/schema/read';
import { systemClock } from '@kcp/apiserver/clock';
import type { Client } from '@kcp/client/rest/client';
import type { TokenSubject } from '@kcp/controllers/service-account/token-issuer';
import { awaitObject, isGone } from '../testing/await-object.js';
import { assemble } from './assemble-server.js';
import { inProcessClient, mastersUser } from './in-process-client.js';
import { openStore } from './open-store.js';
import { builtinsOf, inProcessClients, startControllers } from './start-controllers.js';

const core = (resource: string) => ({ group: '', version: 'v1', resource });
const [ACCOUNTS, CONFIG_MAPS, SECRETS, NAMESPACES] = ['serviceaccounts', 'configmaps', 'secrets', 'namespaces'].map(
  core,
);
const AUTHORITIES = '-----BEGIN CERTIFICATE-----\nMAo=\n-----END CERTIFICATE-----\n';
const LOG = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };
const ROOT = 'kube-root-ca.crt';
assert.ok(ACCOUNTS && CONFIG_MAPS && SECRETS && NAMESPACES);

const isThere = (object: KubeObject | undefined) => object !== undefined;
const dataOf = (object: KubeObject | undefined) => readObject(object ?? {}, 'data') ?? {};

describe('a namespace', () => {
  const subjects: TokenSubject[] = [];
  let client: Client;
  let stop: () => Promise<void>;

  before(async () => {
    const store = await openStore({ inMemory: true, rootDirectory: '', history: {} }, LOG);
    const server = await assemble({ store, log: LOG, identity: { tokens: [], anonymous: false } });
    const tokenIssuer = {
      issueLegacyToken(subject: TokenSubject) {
        subjects.push(subject);
        return `token-for-${subject.name}`;
      },
    };
    const controllers = startControllers({
      clientOf: inProcessClients(server, systemClock),
      isBuiltin: builtinsOf(server),
      log: LOG,
      clock: systemClock,
      tokenIssuer,
    });
    controllers.trust({ authorities: AUTHORITIES });
    const cluster = parseClusterName('team-a');
    assert.ok(cluster);
    client = inProcessClient(server, mastersUser('tester'), systemClock, 'tester').in(cluster);
    stop = async () => {
      await controllers.stop();
      await server.cache.close();
      await store.close();
    };
    await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'work' } });
  });
  after(() => stop());

  test('has a service account and the certificates of the server, the first one included', async () => {
    for (const namespace of ['default', 'work']) {
      await awaitObject(client, ACCOUNTS, { namespace, name: 'default' }, isThere);
      const { object } = await awaitObject(client, CONFIG_MAPS, { namespace, name: ROOT }, isThere);
      assert.deepEqual(dataOf(object), { 'ca.crt': AUTHORITIES });
    }
  });

  test('gets them again when somebody deletes or changes them', async () => {
    const at = { namespace: 'work', name: ROOT };
    await client.delete(ACCOUNTS, { namespace: 'work', name: 'default' });
    await awaitObject(client, ACCOUNTS, { namespace: 'work', name: 'default' }, isThere);
    await client.delete(CONFIG_MAPS, at);
    await awaitObject(client, CONFIG_MAPS, at, isThere);
    await client.patch(CONFIG_MAPS, at, { type: 'merge', value: { data: { 'ca.crt': 'wrong', more: 'too much' } } });
    await awaitObject(
      client,
      CONFIG_MAPS,
      at,
      (found) => JSON.stringify(dataOf(found)) === JSON.stringify({ 'ca.crt': AUTHORITIES }),
    );
  });

  test('goes in spite of them', async () => {
    await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'brief' } });
    await awaitObject(client, CONFIG_MAPS, { namespace: 'brief', name: ROOT }, isThere);
    await client.delete(NAMESPACES, { name: 'brief' });
    await awaitObject(client, NAMESPACES, { name: 'brief' }, isGone);
  });

  const tokenSecret = (name: string, account: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'work', annotations: { 'kubernetes.io/service-account.name': account } },
    type: 'kubernetes.io/service-account-token',
  });

  test('fills a Secret for a token, and lets it go with its account', async () => {
    const account = await client.create(ACCOUNTS, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'robot', namespace: 'work' },
    });
    await client.create(SECRETS, tokenSecret('kept', 'robot'));
    const at = { namespace: 'work', name: 'kept' };
    const { object } = await awaitObject(client, SECRETS, at, (found) => readString(dataOf(found), 'token') !== '');
    const text = (key: string) => Buffer.from(readString(dataOf(object), key), 'base64').toString();
    assert.equal(text('token'), 'token-for-robot');
    assert.equal(text('namespace'), 'work');
    assert.equal(text('ca.crt'), AUTHORITIES);
    assert.equal(object?.metadata.annotations?.['kubernetes.io/service-account.uid'], account.metadata.uid);
    assert.deepEqual(subjects.at(-1), {
      cluster: 'team-a',
      namespace: 'work',
      name: 'robot',
      uid: account.metadata.uid,
      secret: 'kept',
    });
    await client.delete(ACCOUNTS, { namespace: 'work', name: 'robot' });
    await awaitObject(client, SECRETS, at, isGone);
  });

  test('does not keep a Secret for the token of nobody', async () => {
    await client.create(SECRETS, tokenSecret('nobodys', 'nobody'));
    await awaitObject(client, SECRETS, { namespace: 'work', name: 'nobodys' }, isGone);
  });
});
