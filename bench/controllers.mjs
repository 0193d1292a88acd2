#!/usr/bin/env node
// How long the controllers take, in milliseconds, with everything in memory and in one process:
//   node --expose-gc bench/controllers.mjs [only]
import { startKcp } from 'kcp';

const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };
const NAMESPACES = { group: '', version: 'v1', resource: 'namespaces' };
const QUOTAS = { group: '', version: 'v1', resource: 'resourcequotas' };
const OBJECTS = 10_000;
const AT_ONCE = 64;

const results = [];
const only = process.argv[2] ?? '';

async function inTurn(count, action) {
  let next = 0;
  const lane = async () => {
    for (let at = next++; at < count; at = next++) await action(at);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

const namespace = (name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
const configMap = (name, metadata = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'default', name, ...metadata },
});

/** Resolves when a watch of the collection has told of so many departures. */
async function departures(client, resource, options, count) {
  const { resourceVersion } = await client.list(resource, { ...options, limit: 1 });
  const stop = new AbortController();
  let left = count;
  for await (const { type } of client.watch(resource, {
    ...options,
    resourceVersion,
    metadataOnly: true,
    signal: stop.signal,
  })) {
    if (type === 'DELETED' && --left === 0) break;
  }
  stop.abort();
}

async function measure(name, limitMs, run) {
  if (!name.includes(only)) return;
  const kcp = await startKcp({ storage: 'memory' });
  try {
    const ms = await run(kcp.cluster('bench'), kcp);
    results.push({ what: name, took: Math.round(ms), limit: limitMs, ok: ms <= limitMs });
  } finally {
    await kcp.stop();
  }
}

for (const policy of ['Background', 'Foreground', 'Orphan']) {
  await measure(`${OBJECTS} owned objects, ${policy}`, 5_000, async (client) => {
    const owner = await client.create(CONFIG_MAPS, configMap('owner'));
    const ownerReferences = [
      { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid, blockOwnerDeletion: true },
    ];
    await inTurn(OBJECTS, (at) =>
      client.create(CONFIG_MAPS, configMap(`owned-${at}`, { ownerReferences, labels: { owned: 'yes' } })),
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    const gone =
      policy === 'Orphan'
        ? departures(client, CONFIG_MAPS, { fieldSelector: 'metadata.name=owner' }, 1)
        : departures(client, CONFIG_MAPS, { labelSelector: 'owned' }, OBJECTS);
    const began = performance.now();
    await client.delete(CONFIG_MAPS, { namespace: 'default', name: 'owner' }, { propagationPolicy: policy });
    await gone;
    return performance.now() - began;
  });
}

await measure('an empty namespace', 100, async (client) => {
  await client.create(NAMESPACES, namespace('empty'));
  await new Promise((resolve) => setTimeout(resolve, 200));
  const gone = departures(client, NAMESPACES, { fieldSelector: 'metadata.name=empty' }, 1);
  const began = performance.now();
  await client.delete(NAMESPACES, { name: 'empty' });
  await gone;
  return performance.now() - began;
});

await measure(`a namespace with ${OBJECTS} objects`, 8_000, async (client) => {
  await client.create(NAMESPACES, namespace('full'));
  await inTurn(OBJECTS, (at) => client.create(CONFIG_MAPS, configMap(`object-${at}`, { namespace: 'full' })));
  const gone = departures(client, NAMESPACES, { fieldSelector: 'metadata.name=full' }, 1);
  const began = performance.now();
  await client.delete(NAMESPACES, { name: 'full' });
  await gone;
  return performance.now() - began;
});

const IDLE = 1_000;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
await measure(`${IDLE} idle clusters: CPU of 5 s`, 50, async (_, kcp) => {
  for (let at = 0; at < IDLE; at++) await kcp.cluster(`idle-${at}`).create(CONFIG_MAPS, configMap('x'));
  await pause(1_500);
  const began = process.cpuUsage();
  await pause(5_000);
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1_000;
});

// Needs --expose-gc. With everything that controllers put into a cluster: its account and the server's certificates.
if (globalThis.gc && 'memory'.includes(only)) {
  const used = () => {
    for (let at = 0; at < 4; at++) globalThis.gc();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  // The shortest history, so that what writes leave behind for watches does not count.
  const history = { entriesMax: 100 };
  const kcp = await startKcp({ storage: 'memory', listen: { port: 0 }, history });
  await pause(1_000);
  const before = used();
  for (let at = 0; at < IDLE; at++) await kcp.cluster(`idle-${at}`).create(CONFIG_MAPS, configMap('x'));
  await pause(3_000);
  const kib = (used() - before) / IDLE / 1_024;
  results.push({ what: 'an idle cluster: KiB', took: Math.round(kib * 10) / 10, limit: 32, ok: kib <= 32 });
  await kcp.stop();
}

await measure(`${OBJECTS} creations under a quota`, 5_000, async (client) => {
  const hard = { configmaps: String(2 * OBJECTS) };
  const metadata = { name: 'q', namespace: 'default' };
  await client.create(QUOTAS, { apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard } });
  await pause(300);
  const began = performance.now();
  await inTurn(OBJECTS, (at) => client.create(CONFIG_MAPS, configMap(`counted-${at}`)));
  return performance.now() - began;
});

await measure(`${OBJECTS} creations without one`, 5_000, async (client) => {
  const began = performance.now();
  await inTurn(OBJECTS, (at) => client.create(CONFIG_MAPS, configMap(`plain-${at}`)));
  return performance.now() - began;
});

console.table(results);
process.exit(results.every(({ ok }) => ok) ? 0 : 1);
