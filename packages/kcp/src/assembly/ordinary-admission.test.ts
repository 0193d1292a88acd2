import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { parseClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject, OwnerReference } from '@kcp/apimachinery/meta/object';
import { readObject, readObjects } from '@kcp/apimachinery/schema/read';
import { authenticated } from '@kcp/apiserver/authn/user';
import { systemClock } from '@kcp/apiserver/clock';
import type { Client } from '@kcp/client/rest/client';
import { awaitObject } from '../testing/await-object.js';
import { inProcessClient, mastersUser } from './in-process-client.js';
import { openStore } from './open-store.js';
import { type Core, startCore } from './start-core.js';

const core = (resource: string) => ({ group: '', version: 'v1', resource });
const rbac = (resource: string) => ({ group: 'rbac.authorization.k8s.io', version: 'v1', resource });
const DEFINITIONS = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };
const LOG = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };
const TEAM = parseClusterName('team-a');
const NAMESPACE = 'default';

describe('a server that is strict about owners', () => {
  let server: Core;
  let admin: Client;
  let dana: Client;
  before(async () => {
    const store = await openStore({ inMemory: true, rootDirectory: '', history: {} }, LOG);
    const admissionPlugins = ['OwnerReferencesPermissionEnforcement'];
    server = await startCore({ store, log: LOG, identity: { tokens: [], anonymous: false }, admissionPlugins });
    assert.ok(TEAM);
    const user = authenticated({ name: 'dana', uid: '', groups: [], extra: {} });
    admin = inProcessClient(server.server, mastersUser('admin'), systemClock, 'admin').in(TEAM);
    dana = inProcessClient(server.server, user, systemClock, 'dana').in(TEAM);
    await grant('writer', [{ apiGroups: [''], resources: ['configmaps'], verbs: ['create', 'update', 'get'] }]);
  });
  after(() => server.stop());

  async function grant(name: string, rules: JsonObject[]): Promise<void> {
    const metadata = { name, namespace: NAMESPACE };
    const apiVersion = 'rbac.authorization.k8s.io/v1';
    const subjects = [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'dana' }];
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name };
    await admin.create(rbac('roles'), { apiVersion, kind: 'Role', metadata, rules });
    await admin.create(rbac('rolebindings'), { apiVersion, kind: 'RoleBinding', metadata, subjects, roleRef });
  }

  const configMap = (name: string, ownerReferences: OwnerReference[] = []): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: NAMESPACE, ownerReferences },
  });

  test('CVE-2025-5187: lets nobody give an object to the garbage collector that he may not delete', async () => {
    const owner = await admin.create(core('configmaps'), configMap('owner'));
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid ?? '' };
    await dana.create(core('configmaps'), configMap('free'));
    await assert.rejects(dana.create(core('configmaps'), configMap('owned', [reference])), {
      message: `configmaps "owned" is forbidden: cannot set an ownerRef on a resource you can't delete: , <nil>`,
    });
    await grant('deleter', [{ apiGroups: [''], resources: ['configmaps'], verbs: ['delete'] }]);
    await dana.create(core('configmaps'), configMap('owned', [reference]));
    const blocking = { ...reference, blockOwnerDeletion: true };
    await assert.rejects(dana.create(core('configmaps'), configMap('blocking', [blocking])), {
      message: `configmaps "blocking" is forbidden: cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: , <nil>`,
    });
    await grant('finalizer', [{ apiGroups: [''], resources: ['configmaps/finalizers'], verbs: ['update'] }]);
    await dana.create(core('configmaps'), configMap('blocking', [blocking]));
  });

  test('holds pods, which a definition brings, to the limits of their namespace', async () => {
    const names = { plural: 'pods', singular: 'pod', kind: 'Pod', listKind: 'PodList' };
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
    const versions = [{ name: 'v1', served: true, storage: true, schema }];
    await admin.create(DEFINITIONS, {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'pods.core', annotations: { 'api-approved.kubernetes.io': 'unapproved, a test' } },
      spec: { group: '', names, scope: 'Namespaced', versions },
    });
    await awaitObject(admin, DEFINITIONS, { name: 'pods.core' }, (found) =>
      JSON.stringify(found).includes('"InitialNamesAccepted"'),
    );
    const limits = [
      { type: 'Container', default: { cpu: '500m' }, defaultRequest: { cpu: '100m' }, max: { cpu: '1' } },
      { type: 'Pod', max: { cpu: '1' } },
    ];
    const metadata = { name: 'limits', namespace: NAMESPACE };
    await admin.create(core('limitranges'), { apiVersion: 'v1', kind: 'LimitRange', metadata, spec: { limits } });
    const pod = (name: string, containers: JsonObject[]): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: NAMESPACE },
      spec: { containers },
    });
    const made = await admin.create(core('pods'), pod('modest', [{ name: 'c' }]));
    assert.deepEqual(readObjects(readObject(made, 'spec') ?? {}, 'containers')[0]?.resources, {
      requests: { cpu: '100m' },
      limits: { cpu: '500m' },
    });
    assert.equal(
      made.metadata.annotations?.['kubernetes.io/limit-ranger'],
      'LimitRanger plugin set: cpu request for container c; cpu limit for container c',
    );
    const greedy = { name: 'c', resources: { limits: { cpu: '2' }, requests: { cpu: '1' } } };
    await assert.rejects(admin.create(core('pods'), pod('greedy', [greedy])), {
      message:
        'pods "greedy" is forbidden: [maximum cpu usage per Container is 1, but limit is 2, maximum cpu usage per Pod is 1, but limit is 2]',
    });
  });
});
