#!/usr/bin/env node
// How long it takes from kcp to physical clusters and back: node bench/syncer.mjs [--count 10000] [--clusters 20] [--each 1000]
// Servers are in this process and in memory; the syncer of the first rows is a process of its own, over TLS.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '@kcp/apiserver/clock';
import { Syncer } from '@kcp/controllers/multicluster/syncer/syncer';
// Not the bundle: its errors are of classes of its own.
import { startKcp } from 'kcp/index';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '10000' },
    clusters: { type: 'string', default: '20' },
    each: { type: 'string', default: '1000' },
    changes: { type: 'string', default: '200' },
  },
});
const COUNT = Number(values.count);
const CLUSTERS = Number(values.clusters);
const EACH = Number(values.each);
const CHANGES = Number(values.changes);
const AT_ONCE = 64;
const DEPLOYMENTS = { group: 'apps', version: 'v1', resource: 'deployments' };
const DEFINITIONS = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };
const NAMESPACES = { group: '', version: 'v1', resource: 'namespaces' };
const SYNCED = [{ ...DEPLOYMENTS, kind: 'Deployment', namespaced: true, hasStatus: true }];
const FREE = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const LOG = { info: () => {}, warn: () => {}, debug: () => {} };
const folder = mkdtempSync(join(tmpdir(), 'kcp-bench-syncer-'));
const name = (at) => ({ namespace: 'demo', name: `d-${at}` });
const table = [];

// Pauses keep nothing alive, and there is no socket where everything is in one process.
setInterval(() => {}, 1_000);
if (COUNT > 0) await one();
await many();
console.table(table);
rmSync(folder, { recursive: true });
process.exit(table.every(({ ok }) => ok) ? 0 : 1);

/** One physical cluster, a syncer process between. */
async function one() {
  const listen = { port: 0 };
  const [kcp, physical] = await Promise.all([1, 2].map(() => startKcp({ storage: 'memory', listen })));
  const [up, down] = [kcp.cluster('root'), physical.cluster('root')];
  await Promise.all([up, down].map(define));
  await fill(up, COUNT, () => 'us-east1');
  const began = performance.now();
  const all = arrivals(down, COUNT);
  const child = await startSyncer(kcp, physical);
  await all;
  row(`first sync of ${COUNT} objects to one cluster (s)`, (performance.now() - began) / 1_000, 30);
  await pause(3_000);
  row(`syncer with ${COUNT} objects: RSS (MiB)`, rssMiB(child.pid), 120);
  await changes(up, down);
  await statuses(up, down);
  row(`syncer after the changes: RSS (MiB)`, rssMiB(child.pid), 120);
  child.kill();
  await once(child, 'exit');
  await Promise.all([kcp.stop(), physical.stop()]);
}

/** Many physical clusters, all syncers in this process. */
async function many() {
  const kcp = await startKcp({ storage: 'memory' });
  const up = kcp.cluster('root');
  await define(up);
  const physical = await Promise.all(Array.from({ length: CLUSTERS }, () => startKcp({ storage: 'memory' })));
  await Promise.all(physical.map((each) => define(each.cluster('root'))));
  await fill(up, CLUSTERS * EACH, (at) => `c${at % CLUSTERS}`);
  const began = performance.now();
  const all = Promise.all(physical.map((each) => arrivals(each.cluster('root'), EACH)));
  const syncers = physical.map((each, at) => {
    const ends = { upstream: up, downstream: each.cluster('root'), location: `c${at}` };
    const syncer = new Syncer({ ...ends, clock: systemClock, random: Math.random, log: LOG });
    syncer.setResources(SYNCED);
    syncer.start();
    return syncer;
  });
  await all;
  row(`first sync of ${EACH} objects to each of ${CLUSTERS} clusters (s)`, (performance.now() - began) / 1_000, 60);
  await Promise.all(syncers.map((syncer) => syncer.stop()));
  await Promise.all([kcp, ...physical].map((each) => each.stop()));
}

/** From the answer to a change of the spec to the event of it in the physical cluster. */
async function changes(up, down) {
  const times = await roundTrips(
    down,
    async (at) => {
      const began = performance.now();
      await up.patch(DEPLOYMENTS, name(at), { type: 'merge', value: { spec: { replicas: 1_000 + at } } });
      return began;
    },
    (object) => object.spec.replicas - 1_000,
  );
  quantiles('spec change to object downstream', times);
}

async function statuses(up, down) {
  const times = await roundTrips(
    up,
    async (at) => {
      const began = performance.now();
      const operations = [{ op: 'add', path: '/status', value: { readyReplicas: 1_000 + at } }];
      await down.patch(DEPLOYMENTS, name(at), { type: 'json', operations }, { subresource: 'status' });
      return began;
    },
    (object) => (object.status?.readyReplicas ?? 0) - 1_000,
  );
  quantiles('status change to object upstream', times);
}

/** One change after the other; each is waited for. */
async function roundTrips(seenAt, change, numberOf) {
  const { resourceVersion } = await seenAt.list(DEPLOYMENTS, { limit: 1 });
  const stop = new AbortController();
  let expected = -1;
  let seen = () => {};
  const watching = (async () => {
    for await (const { type, object } of seenAt.watch(DEPLOYMENTS, { resourceVersion, signal: stop.signal })) {
      if (type === 'MODIFIED' && object.metadata.name === `d-${expected}` && numberOf(object) === expected) seen();
    }
  })();
  const times = [];
  for (let at = 0; at < CHANGES; at++) {
    expected = at;
    const arrived = new Promise((resolve) => {
      seen = () => resolve(performance.now());
    });
    const began = await change(at);
    times.push((await arrived) - began);
  }
  stop.abort();
  await watching;
  return times;
}

function quantiles(what, times) {
  times.sort((a, b) => a - b);
  row(`${what}: p50 of ${times.length} (ms)`, times[Math.floor(times.length / 2)], 50);
  row(`${what}: p99 of ${times.length} (ms)`, times[Math.floor(times.length * 0.99)], 200);
}

function row(what, measured, limit) {
  table.push({ what, measured: Math.round(measured * 10) / 10, limit, ok: measured <= limit });
}

async function define(client) {
  const schema = {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: { replicas: { type: 'integer' } },
        'x-kubernetes-preserve-unknown-fields': true,
      },
      status: FREE,
    },
  };
  await client.create(DEFINITIONS, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'deployments.apps' },
    spec: {
      group: 'apps',
      scope: 'Namespaced',
      names: { plural: 'deployments', singular: 'deployment', kind: 'Deployment', listKind: 'DeploymentList' },
      versions: [
        { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, subresources: { status: {} } },
      ],
    },
  });
  for (;;) {
    const served = await client.discover();
    if (served.some(({ resource }) => resource === 'deployments')) return;
    await pause(20);
  }
}

async function fill(client, count, locationOf) {
  await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'demo' } });
  let next = 0;
  const lane = async () => {
    for (let at = next++; at < count; at = next++) await client.create(DEPLOYMENTS, deployment(at, locationOf(at)));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

function deployment(at, location) {
  const labels = { app: `d-${at}` };
  const env = Array.from({ length: 8 }, (_, i) => ({ name: `VARIABLE_${i}`, value: `a value of some length ${i}` }));
  const containers = [
    { name: 'web', image: 'registry.example.com/team/web:1.2.3', env, ports: [{ containerPort: 80 }] },
  ];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...name(at), labels: { ...labels, 'kcp.dev/cluster': location } },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  };
}

/** Resolves when so many objects have come. */
async function arrivals(client, count) {
  const stop = new AbortController();
  let left = count;
  for await (const { type } of client.watch(DEPLOYMENTS, { metadataOnly: true, signal: stop.signal })) {
    if (type === 'ADDED' && --left === 0) break;
  }
  stop.abort();
}

async function startSyncer(kcp, physical) {
  const [from, to] = [join(folder, 'from.kubeconfig'), join(folder, 'to.kubeconfig')];
  writeFileSync(from, kcp.kubeconfig);
  writeFileSync(to, physical.kubeconfig);
  const args = ['-from_kubeconfig', from, '-to_kubeconfig', to, '-cluster', 'us-east1', 'deployments.apps'];
  const child = spawn('node_modules/.bin/syncer', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

function rssMiB(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1_024;
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
