import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { type ClusterName, POLICY_CLUSTER, parseClusterName } from '@kcp/apimachinery/meta/cluster-name';
import { objectKey, type StorageResource } from '@kcp/storage/key';
import { createMemoryStore } from '@kcp/storage/memory/memory-store';
import { createWatchCache } from '@kcp/storage/watch-cache/watch-cache';
import type { ResourceAttributes } from '../authorizer.js';
import { Policies } from './policies.js';
import { RbacAuthorizer } from './rbac-authorizer.js';
import {
  CLUSTER_ROLE_BINDING_STORAGE,
  CLUSTER_ROLE_STORAGE,
  loadRbac,
  ROLE_BINDING_STORAGE,
  ROLE_STORAGE,
} from './rbac-source.js';
import { RoleLookup } from './role-lookup.js';

const [TEAM_A, TEAM_B] = ['team-a', 'team-b'].map((name) => parseClusterName(name) as ClusterName) as [
  ClusterName,
  ClusterName,
];
const READ_CONFIG = { verbs: ['get', 'list'], apiGroups: [''], resources: ['configmaps'] };
const ann = { kind: 'User', name: 'ann' };

/** A server's policy store: what is written is in force once `settled` resolves. */
async function given() {
  const store = createMemoryStore();
  const cache = await createWatchCache(store);
  const source = await loadRbac(cache);
  const roles = new RoleLookup(source);
  const rbac = new RbacAuthorizer(new Policies(source, roles));
  const put = async (
    resource: StorageResource,
    cluster: ClusterName,
    namespace: string,
    name: string,
    rest: JsonObject,
  ) => {
    const object = { kind: 'X', apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name }, ...rest };
    const revision = await store.create(
      objectKey(resource, { cluster, namespace, name }),
      Buffer.from(JSON.stringify(object)),
    );
    await cache.waitFor(revision, AbortSignal.timeout(1000));
  };
  return { rbac, put, store, cache };
}

function wants(verb: string, more: Partial<ResourceAttributes> = {}): ResourceAttributes {
  return {
    kind: 'resource',
    user: { name: 'ann', uid: '', groups: ['crew', 'system:authenticated'], extra: {} },
    scope: TEAM_A,
    verb,
    group: '',
    version: 'v1',
    resource: 'configmaps',
    subresource: '',
    namespace: 'demo',
    name: '',
    ...more,
  };
}

const roleRef = (kind: string, name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name });

describe('RBAC of logical clusters', () => {
  test('a role binding holds in its namespace and its cluster, nowhere else', async () => {
    const { rbac, put } = await given();
    await put(ROLE_STORAGE, TEAM_A, 'demo', 'reader', { rules: [READ_CONFIG] });
    await put(ROLE_BINDING_STORAGE, TEAM_A, 'demo', 'readers', { subjects: [ann], roleRef: roleRef('Role', 'reader') });
    assert.deepEqual(rbac.authorize(wants('get')), {
      decision: 'allow',
      reason: 'RBAC: allowed by RoleBinding "readers/demo" of Role "reader" to User "ann"',
    });
    assert.equal(rbac.authorize(wants('delete')).decision, 'noOpinion');
    assert.equal(rbac.authorize(wants('get', { namespace: 'other' })).decision, 'noOpinion');
    assert.equal(rbac.authorize(wants('get', { scope: TEAM_B })).decision, 'noOpinion');
    assert.equal(rbac.authorize(wants('get', { scope: '*' })).decision, 'noOpinion');
  });

  test('a change is in force with the next question', async () => {
    const { rbac, put } = await given();
    await put(CLUSTER_ROLE_STORAGE, TEAM_A, '', 'reader', { rules: [READ_CONFIG] });
    assert.equal(rbac.authorize(wants('get')).decision, 'noOpinion');
    const binding = { subjects: [{ kind: 'Group', name: 'crew' }], roleRef: roleRef('ClusterRole', 'reader') };
    await put(CLUSTER_ROLE_BINDING_STORAGE, TEAM_A, '', 'crew', binding);
    assert.equal(
      rbac.authorize(wants('get')).reason,
      'RBAC: allowed by ClusterRoleBinding "crew" of ClusterRole "reader" to Group "crew"',
    );
  });

  test('a binding whose role is missing gives nothing and says so', async () => {
    const { rbac, put } = await given();
    const binding = { subjects: [ann], roleRef: roleRef('ClusterRole', 'gone') };
    await put(CLUSTER_ROLE_BINDING_STORAGE, TEAM_A, '', 'b', binding);
    assert.deepEqual(rbac.authorize(wants('get')), {
      decision: 'noOpinion',
      reason: 'RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found',
    });
  });

  test('cluster roles of the policy cluster may be bound everywhere, and its bindings hold everywhere', async () => {
    const { rbac, put } = await given();
    await put(CLUSTER_ROLE_STORAGE, POLICY_CLUSTER, '', 'reader', { rules: [READ_CONFIG] });
    const local = { subjects: [ann], roleRef: roleRef('ClusterRole', 'reader') };
    await put(ROLE_BINDING_STORAGE, TEAM_A, 'demo', 'local', local);
    assert.equal(rbac.authorize(wants('get')).decision, 'allow');
    assert.equal(rbac.authorize(wants('get', { scope: TEAM_B })).decision, 'noOpinion');
    await put(CLUSTER_ROLE_BINDING_STORAGE, POLICY_CLUSTER, '', 'all', local);
    assert.equal(rbac.authorize(wants('get', { scope: TEAM_B })).decision, 'allow');
  });

  test('a service account is the user of its name', async () => {
    const { rbac, put } = await given();
    await put(ROLE_STORAGE, TEAM_A, 'demo', 'reader', { rules: [READ_CONFIG] });
    const subjects = [{ kind: 'ServiceAccount', name: 'robot' }];
    await put(ROLE_BINDING_STORAGE, TEAM_A, 'demo', 'robots', { subjects, roleRef: roleRef('Role', 'reader') });
    const user = { name: 'system:serviceaccount:demo:robot', uid: '', groups: [], extra: {} };
    assert.equal(
      rbac.authorize(wants('get', { user })).reason,
      'RBAC: allowed by RoleBinding "robots/demo" of Role "reader" to ServiceAccount "robot/demo"',
    );
  });
});
