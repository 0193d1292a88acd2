import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { hasReason } from '@kcp/apimachinery/errors/status-error';
import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import { type Client, type Kcp, startKcp } from '../index.js';
import { awaitObject, isGone } from '../testing/await-object.js';
import { recordedBody, withoutTimes } from '../testing/recorded.js';

const DEFINITIONS = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };
const GROUP = 'g.example.com';
const WIDGETS = { group: GROUP, version: 'v1', resource: 'widgets' };

function definition(plural: string, kind: string, names: JsonObject = {}, more: JsonObject = {}): KubeObject {
  const { group = GROUP, ...spec } = more;
  const schema = { openAPIV3Schema: { type: 'object', properties: { a: { type: 'string' } } } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${String(group)}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, kind, ...names },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
      ...spec,
    },
  };
}

const WIDGET = definition('widgets', 'Widget', { shortNames: ['wd', 'wdg'], categories: ['golden'] });

function condition(object: KubeObject | undefined, type: string): JsonObject | undefined {
  const conditions = readObjects(readObject(object ?? {}, 'status') ?? {}, 'conditions');
  return conditions.find((one) => readString(one, 'type') === type);
}

const says = (type: string, status: string) => (object: KubeObject | undefined) =>
  condition(object, type)?.status === status;
const statusOf = (object: KubeObject | undefined) => withoutTimes(readObject(object ?? {}, 'status'));

describe('a definition', () => {
  let kcp: Kcp;
  let client: Client;
  let tenants = 0;
  before(async () => {
    kcp = await startKcp({ storage: 'memory' });
  });
  after(() => kcp.stop());

  /** Every test has a logical cluster of its own. */
  const tenant = () => {
    client = kcp.cluster(`tenant-${tenants++}`);
    return client;
  };
  const create = async (made: KubeObject, until = says('NamesAccepted', 'True')) => {
    await client.create(DEFINITIONS, made);
    return awaitObject(client, DEFINITIONS, { name: made.metadata.name ?? '' }, until);
  };

  test('is established at once and has the status that a real server gives it', async () => {
    tenant();
    const { object, ms } = await create(WIDGET, says('Established', 'True'));
    assert.ok(ms <= 5_000, `${ms} ms`);
    assert.deepEqual(statusOf(object), recordedBody('20-crd-lifecycle', 'the definition becomes established').status);
  });

  test('whose names are taken is not accepted; it gets them when they become free', async () => {
    tenant();
    await create(WIDGET);
    const waiting: readonly [KubeObject, string][] = [
      [definition('gadgets', 'Widget', { singular: 'gadget', listKind: 'GadgetList' }), 'kind'],
      [definition('gizmos', 'Gizmo', { shortNames: ['gz', 'wd'], categories: ['golden'] }), 'short name'],
      [definition('tools', 'Tool', { singular: 'widget' }), 'singular name'],
      [definition('things', 'Thing', { listKind: 'WidgetList' }), 'list kind'],
    ];
    for (const [made, what] of waiting) {
      const { object } = await create(made, says('NamesAccepted', 'False'));
      const step = `a definition whose ${what} is taken is not accepted`;
      assert.deepEqual(statusOf(object), recordedBody('20-crd-lifecycle', step).status);
    }
    await client.delete(DEFINITIONS, { name: `widgets.${GROUP}` });
    for (const [made] of waiting) {
      await awaitObject(client, DEFINITIONS, { name: made.metadata.name ?? '' }, says('Established', 'True'));
    }
    const gizmos = await client.get(DEFINITIONS, { name: `gizmos.${GROUP}` });
    const step = 'a definition gets the short name that has become free';
    assert.deepEqual(statusOf(gizmos), recordedBody('20-crd-lifecycle', step).status);
  });

  test('of several that want the same name at once, one gets it', async () => {
    tenant();
    const rivals = Array.from({ length: 8 }, (_, i) =>
      definition(`rivals${i}`, 'Rival', { singular: `rival${i}`, listKind: `L${i}` }),
    );
    await Promise.all(rivals.map((rival) => client.create(DEFINITIONS, rival)));
    const settled = await Promise.all(
      rivals.map(({ metadata: { name = '' } }) =>
        awaitObject(client, DEFINITIONS, { name }, (object) => condition(object, 'NamesAccepted') !== undefined),
      ),
    );
    assert.equal(settled.filter(({ object }) => says('NamesAccepted', 'True')(object)).length, 1);
  });

  test('may have a name that is taken in another logical cluster', async () => {
    for (const _ of [0, 1]) {
      tenant();
      await create(WIDGET, says('Established', 'True'));
    }
  });

  test('changed names are accepted', async () => {
    tenant();
    await create(WIDGET);
    const names = { shortNames: ['wd', 'wdg', 'wdgt'], categories: ['golden', 'extra'] };
    await client.patch(DEFINITIONS, { name: `widgets.${GROUP}` }, { type: 'merge', value: { spec: { names } } });
    const { object } = await awaitObject(client, DEFINITIONS, { name: `widgets.${GROUP}` }, (found) => {
      const accepted = readObject(readObject(found ?? {}, 'status') ?? {}, 'acceptedNames');
      return Array.isArray(accepted?.shortNames) && accepted.shortNames.length === 3;
    });
    const recorded = recordedBody('20-crd-lifecycle', 'the added names become accepted');
    const status = statusOf(object);
    assert.ok(isObject(status));
    assert.deepEqual(status.acceptedNames, recorded['status.acceptedNames']);
    assert.deepEqual(status.conditions, recorded['status.conditions']);
  });

  test('of a group of the Kubernetes community says whether it was approved', async () => {
    tenant();
    const made = definition('gates', 'Gate', {}, { group: 'gates.k8s.io' });
    const name = 'gates.gates.k8s.io';
    made.metadata.annotations = { 'api-approved.kubernetes.io': 'unapproved, an experiment' };
    const bypassed = await create(made, says('Established', 'True'));
    assert.equal(condition(bypassed.object, 'KubernetesAPIApprovalPolicyConformant')?.reason, 'UnapprovedAnnotation');
    const annotations = { 'api-approved.kubernetes.io': 'https://example.com/1' };
    await client.patch(DEFINITIONS, { name }, { type: 'merge', value: { metadata: { annotations } } });
    const approved = await awaitObject(
      client,
      DEFINITIONS,
      { name },
      says('KubernetesAPIApprovalPolicyConformant', 'True'),
    );
    const said = condition(approved.object, 'KubernetesAPIApprovalPolicyConformant');
    assert.deepEqual([said?.reason, said?.message], ['ApprovedAnnotation', 'approved in https://example.com/1']);
  });

  test('that is deleted takes its objects with it and waits for those that are held', async () => {
    tenant();
    await create(WIDGET, says('Established', 'True'));
    const widget = (name: string, finalizers: string[]) =>
      client.create(WIDGETS, {
        apiVersion: `${GROUP}/v1`,
        kind: 'Widget',
        metadata: { name, namespace: 'default', finalizers },
      });
    await widget('free', []);
    await widget('held', ['golden.example.com/hold']);
    await client.delete(DEFINITIONS, { name: `widgets.${GROUP}` });
    const { object } = await awaitObject(client, DEFINITIONS, { name: `widgets.${GROUP}` }, (found) => {
      return condition(found, 'Terminating')?.reason === 'InstanceDeletionInProgress';
    });
    const recorded = recordedBody('20-crd-lifecycle', 'the definition waits for its objects');
    assert.deepEqual(
      withoutTimes(condition(object, 'Terminating')),
      (recorded['status.conditions'] as JsonObject[])[2],
    );
    await awaitObject(client, WIDGETS, { namespace: 'default', name: 'free' }, isGone);
    await assert.rejects(
      widget('late', []),
      (error) => hasReason(error, 'Forbidden') || hasReason(error, 'MethodNotAllowed'),
    );
    const letGo = { type: 'merge', value: { metadata: { finalizers: null } } } as const;
    await client.patch(WIDGETS, { namespace: 'default', name: 'held' }, letGo);
    await awaitObject(client, DEFINITIONS, { name: `widgets.${GROUP}` }, isGone);
    await assert.rejects(client.list(WIDGETS), (error) => hasReason(error, 'NotFound'));
  });

  test('takes its objects with it even when none of its versions is served, and comes back without them', async () => {
    tenant();
    await create(WIDGET, says('Established', 'True'));
    await client.create(WIDGETS, {
      apiVersion: `${GROUP}/v1`,
      kind: 'Widget',
      metadata: { name: 'w', namespace: 'default' },
    });
    const operations = [{ op: 'replace', path: '/spec/versions/0/served', value: false }];
    await client.patch(DEFINITIONS, { name: `widgets.${GROUP}` }, { type: 'json', operations });
    await client.delete(DEFINITIONS, { name: `widgets.${GROUP}` });
    await awaitObject(client, DEFINITIONS, { name: `widgets.${GROUP}` }, isGone);
    await create(WIDGET, says('Established', 'True'));
    assert.deepEqual((await client.list(WIDGETS)).items, []);
  });

  test('of a resource that is the server’s own does not take the server’s objects with it', async () => {
    tenant();
    const configMaps = { group: '', version: 'v1', resource: 'configmaps' };
    await client.create(configMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'kept', namespace: 'default' },
    });
    const made = definition('configmaps', 'ConfigMap', {}, { group: '' });
    made.metadata.name = 'configmaps.core';
    await create(made, says('Established', 'True'));
    await client.delete(DEFINITIONS, { name: 'configmaps.core' });
    await awaitObject(client, DEFINITIONS, { name: 'configmaps.core' }, isGone);
    assert.equal((await client.list(configMaps)).items.length, 1);
  });
});
