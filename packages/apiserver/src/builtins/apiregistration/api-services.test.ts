import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClusterName, parseClusterName, ROOT_CLUSTER } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { objectKey } from '@kcp/storage/key';
import { createMemoryStore } from '@kcp/storage/memory/memory-store';
import type { Store } from '@kcp/storage/store';
import { createWatchCache } from '@kcp/storage/watch-cache/watch-cache';
import { systemClock } from '../../clock.js';
import { createCrdCatalog, DEFINITIONS } from '../../crd/crd-catalog.js';
import { BuiltinCatalog, type ResourceCatalog } from '../../registry/catalog.js';
import { encodeForStore } from '../../registry/encode-object.js';
import type { ResourceType, ViewSource } from '../../registry/resource-type.js';
import { WebhookClient } from '../../webhook/webhook-client.js';
import { CONFIG_MAPS } from '../core/config-maps.js';
import { CORE_EVENTS, EVENTS } from '../events/events.js';
import { apiServices } from './api-services.js';

const OTHER = parseClusterName('other') ?? ROOT_CLUSTER;

interface World {
  readonly store: Store;
  readonly view: ViewSource;
  readonly type: ResourceType;
  /** Waits until the cache shows what was stored. */
  settle(): Promise<void>;
}

async function world(): Promise<World> {
  const store = createMemoryStore();
  const cache = await createWatchCache(store);
  const holder: { catalog?: ResourceCatalog } = {};
  const type = apiServices(() => {
    assert.ok(holder.catalog);
    return holder.catalog;
  }, Date.parse('2026-01-02T03:04:05Z'));
  const builtins = new BuiltinCatalog([CONFIG_MAPS, CORE_EVENTS, EVENTS, type]);
  const onBroken = (error: unknown): never => {
    throw error;
  };
  holder.catalog = await createCrdCatalog({
    cache,
    builtins,
    webhooks: new WebhookClient({ clock: systemClock }),
    onBroken,
  });
  assert.ok(type.backing.kind === 'view');
  const settle = (): Promise<void> => cache.waitFor(store.revision, AbortSignal.timeout(1000));
  return { store, view: type.backing.source, type, settle };
}

function names(view: ViewSource, cluster: ClusterName): (string | undefined)[] {
  return view.list(cluster).map(({ metadata }) => metadata.name);
}

function definition(): KubeObject {
  const plural = { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' };
  const version = (name: string, storage: boolean): KubeObject['metadata'] => ({
    name,
    served: true,
    storage,
    schema: { openAPIV3Schema: { type: 'object' } },
  });
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.example.com' },
    spec: {
      group: 'example.com',
      names: plural,
      scope: 'Namespaced',
      versions: [version('v1', true), version('v1beta1', false)],
    },
    status: { acceptedNames: plural, conditions: [{ type: 'Established', status: 'True' }], storedVersions: ['v1'] },
  };
}

test('each built-in group version has an APIService, as upstream shows them', async () => {
  const { view, type } = await world();
  assert.deepEqual(names(view, ROOT_CLUSTER), ['v1.', 'v1.events.k8s.io']);
  const [core, events] = view.list(ROOT_CLUSTER);
  assert.ok(core && events);
  assert.deepEqual(events, {
    kind: 'APIService',
    apiVersion: 'apiregistration.k8s.io/v1',
    metadata: {
      name: 'v1.events.k8s.io',
      uid: events.metadata.uid,
      creationTimestamp: '2026-01-02T03:04:05Z',
      labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' },
    },
    spec: { group: 'events.k8s.io', version: 'v1', groupPriorityMinimum: 17750, versionPriority: 15 },
    status: {
      conditions: [
        {
          type: 'Available',
          status: 'True',
          lastTransitionTime: '2026-01-02T03:04:05Z',
          reason: 'Local',
          message: 'Local APIServices are always available',
        },
      ],
    },
  });
  assert.match(events.metadata.uid ?? '', /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual(type.table.cells(core).slice(0, 3), ['v1.', 'Local', 'True']);
});

test('they are the same at the next start, and others in another cluster', async () => {
  const uids = async (cluster: ClusterName): Promise<unknown> =>
    (await world()).view.list(cluster).map(({ metadata }) => metadata.uid);
  assert.deepEqual(await uids(ROOT_CLUSTER), await uids(ROOT_CLUSTER));
  assert.notDeepEqual(await uids(ROOT_CLUSTER), await uids(OTHER));
});

test('a definition brings its versions into its own cluster, and takes them along', async () => {
  const { store, view, settle } = await world();
  let heard = 0;
  const stop = view.onChange(ROOT_CLUSTER, () => heard++);
  view.onChange(OTHER, () => assert.fail('another cluster has changed'));
  const key = objectKey(DEFINITIONS, { cluster: ROOT_CLUSTER, namespace: '', name: 'things.example.com' });

  const revision = await store.create(key, encodeForStore(definition()));
  await settle();

  assert.equal(heard, 1);
  assert.deepEqual(names(view, ROOT_CLUSTER), ['v1.', 'v1.events.k8s.io', 'v1.example.com', 'v1beta1.example.com']);
  const custom = view.list(ROOT_CLUSTER).find(({ metadata }) => metadata.name === 'v1beta1.example.com');
  assert.deepEqual(custom?.spec, {
    group: 'example.com',
    version: 'v1beta1',
    groupPriorityMinimum: 1000,
    versionPriority: 100,
  });
  assert.deepEqual(custom?.metadata.labels, { 'kube-aggregator.kubernetes.io/automanaged': 'true' });
  assert.deepEqual(names(view, OTHER), ['v1.', 'v1.events.k8s.io']);

  stop();
  await store.delete(key, revision);
  await settle();
  assert.equal(heard, 1);
  assert.deepEqual(names(view, ROOT_CLUSTER), ['v1.', 'v1.events.k8s.io']);
});
