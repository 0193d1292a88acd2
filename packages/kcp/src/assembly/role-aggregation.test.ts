import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObjects } from '@kcp/apimachinery/schema/read';
import { type Client, type Kcp, startKcp } from '../index.js';
import { awaitObject } from '../testing/await-object.js';
import { recordedBody } from '../testing/recorded.js';

const RBAC = 'rbac.authorization.k8s.io';
const CLUSTER_ROLES = { group: RBAC, version: 'v1', resource: 'clusterroles' };
const rule = (verb: string, resource: string) => ({ verbs: [verb], apiGroups: [''], resources: [resource] });
const rulesOf = (role: KubeObject | undefined) => readObjects(role ?? {}, 'rules');
const PART = { part: 'yes' };

function role(name: string, more: Partial<KubeObject>, labels: Record<string, string> = {}): KubeObject {
  return { apiVersion: `${RBAC}/v1`, kind: 'ClusterRole', metadata: { name, labels }, ...more };
}

const sum = { aggregationRule: { clusterRoleSelectors: [{ matchLabels: PART }] } };

describe('a cluster role that is put together from others', () => {
  let kcp: Kcp;
  let client: Client;
  before(async () => {
    kcp = await startKcp({ storage: 'memory' });
    client = kcp.cluster('team-a');
  });
  after(() => kcp.stop());

  const untilRules = (count: number, cluster = client, name = 'sum') =>
    awaitObject(cluster, CLUSTER_ROLES, { name }, (found) => rulesOf(found).length === count);

  test('has the rules of the others, in the order of a real server', async () => {
    await client.create(CLUSTER_ROLES, role('b', { rules: [rule('list', 'secrets')] }, PART));
    await client.create(CLUSTER_ROLES, role('a', { rules: [rule('get', 'configmaps')] }, PART));
    await client.create(CLUSTER_ROLES, role('sum', sum));
    const { object } = await untilRules(2);
    assert.deepEqual(rulesOf(object), recordedBody('10-rbac', 'the aggregated role is filled').rules);
  });

  test('follows them when they come, change, repeat each other and go', async () => {
    await client.create(CLUSTER_ROLES, role('c', { rules: [rule('get', 'configmaps'), rule('watch', 'pods')] }, PART));
    await untilRules(3);
    await client.patch(CLUSTER_ROLES, { name: 'c' }, { type: 'merge', value: { rules: [] } });
    await untilRules(2);
    await client.patch(CLUSTER_ROLES, { name: 'b' }, { type: 'merge', value: { metadata: { labels: null } } });
    await untilRules(1);
    await client.delete(CLUSTER_ROLES, { name: 'a' });
    await untilRules(0);
  });

  test('takes nothing from another logical cluster', async () => {
    const other = kcp.cluster('team-b');
    await client.create(CLUSTER_ROLES, role('theirs', { rules: [rule('get', 'secrets')] }, PART));
    await other.create(CLUSTER_ROLES, role('mine', { rules: [rule('get', 'configmaps')] }, PART));
    await other.create(CLUSTER_ROLES, role('sum', sum));
    const { object } = await untilRules(1, other);
    assert.deepEqual(rulesOf(object), [rule('get', 'configmaps')]);
  });

  test('is what admin, edit and view are in the policy that holds everywhere', async () => {
    for (const name of ['admin', 'edit', 'view']) {
      const system = kcp.cluster('system');
      await awaitObject(system, CLUSTER_ROLES, { name }, (found) => rulesOf(found).length > 0);
    }
  });
});
