#!/usr/bin/env node
// A store with many objects, embedded and on etcd: how long a restart takes to the first correct list, a snapshot beside
// a server at work, and until another server leads the controllers. Needs `npm run build`.
//   node bench/large.mjs [objects]
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { openEtcdStore } from '@kcp/storage/etcd/etcd-store';
import { objectKey } from '@kcp/storage/key';
import { openLmdbStore } from '@kcp/storage/lmdb/lmdb-store';
import { EtcdServer } from '@kcp/storage/testing/etcd-server';
import { Load, readKubeconfig } from './load.mjs';

const OBJECTS = Number(process.argv[2] ?? 100_000);
const WRITERS = 256;
const RESTARTS = 3;
const PAGE = 500;
const PING_MS = 2;
/** What a server does after its start has nothing to do with the snapshot. */
const CALM_MS = 3_000;
const LEAD_WAIT_MS = 60_000;
const CONFIG_MAPS = { group: '', resource: 'configmaps', custom: false, namespaced: true };
const PATH = '/api/v1/namespaces/default/configmaps';
const bin = new URL('../packages/kcp/bin/kcp.mjs', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'kcp-large-'));
const table = [];
const row = (what, value, unit) => table.push({ what, value: Math.round(value), unit });

// An object of about 1 KiB, as the registry stores it.
function objectBytes(i) {
  const metadata = {
    name: `object-${i}`,
    namespace: 'default',
    uid: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { app: 'bench' },
  };
  return Buffer.from(
    JSON.stringify({ kind: 'ConfigMap', apiVersion: 'v1', metadata, data: { text: 'x'.repeat(820) } }),
  );
}

async function fill(store) {
  const from = performance.now();
  let next = 0;
  const writer = async () => {
    while (next < OBJECTS) {
      const i = next++;
      const key = { cluster: 'root', namespace: 'default', name: `object-${i}` };
      await store.create(objectKey(CONFIG_MAPS, key), objectBytes(i));
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
  return performance.now() - from;
}

/** Resolves when the server serves, with the milliseconds that it took. */
async function start(directory, flags) {
  const from = performance.now();
  const args = [bin, 'start', '--root-directory', directory, '--listen', '127.0.0.1:0', ...flags];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (data) => {
      text += data;
      if (/https:\/\//.test(text)) resolve();
    });
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
  const load = new Load(readKubeconfig(join(directory, 'data', 'admin.kubeconfig')), child.pid);
  await load.open(1);
  return { load, child, from, ms: performance.now() - from };
}

async function stop({ load, child }, signal = 'SIGTERM') {
  load.close();
  child.kill(signal);
  if (child.exitCode === null && child.signalCode === null) await new Promise((resolve) => child.once('exit', resolve));
}

/** The first page says how many objects there are; it is correct when none is missing. */
async function firstList({ load }) {
  const answer = await load.call('GET', `${PATH}?limit=${PAGE}`);
  const { items, metadata } = JSON.parse(answer.text());
  const count = items.length + metadata.remainingItemCount;
  // One is the root certificates' ConfigMap, where there is one.
  if (count < OBJECTS || count > OBJECTS + 1) throw new Error(`${count} objects of ${OBJECTS}`);
}

async function restarts(name, directory, flags) {
  const times = [];
  for (let i = 0; i < RESTARTS; i++) {
    const server = await start(directory, flags);
    await firstList(server);
    times.push(performance.now() - server.from);
    if (i === 0) {
      const from = performance.now();
      await server.load.call('GET', PATH);
      row(`${name}: the whole list, at once`, performance.now() - from, 'ms');
      row(`${name}: resident set`, residentMiB(server.child.pid), 'MiB');
    }
    await stop(server);
  }
  times.sort((a, b) => a - b);
  row(`${name}: restart to the first list, best of ${RESTARTS}`, times[0], 'ms');
  row(`${name}: the same, middle`, times[Math.floor(RESTARTS / 2)], 'ms');
}

function residentMiB(pid) {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1_024;
}

/** A snapshot by the command while the server answers; how long it takes, and how long an answer at the most. */
async function snapshotBeside(name, directory, flags, place) {
  const server = await start(directory, flags);
  await firstList(server);
  await pause(CALM_MS);
  const file = join(folder, `${name}.snapshot`);
  const from = performance.now();
  const command = spawn(process.execPath, [bin, 'snapshot', 'save', file, ...place], { stdio: 'ignore' });
  let over = false;
  const ended = new Promise((resolve, reject) => {
    command.once('exit', (code) => {
      over = true;
      if (code === 0) resolve(performance.now() - from);
      else reject(new Error(`the snapshot ended with ${code}`));
    });
  });
  let slowest = 0;
  while (!over) {
    slowest = Math.max(slowest, (await server.load.call('GET', '/livez')).ms);
    await pause(PING_MS);
  }
  row(`${name}: kcp snapshot save beside a server`, await ended, 'ms');
  row('  the slowest answer of the server meanwhile', slowest, 'ms');
  row('  size of the file', statSync(file).size / 2 ** 20, 'MiB');
  await stop(server);
}

/** A snapshot by the store that is at work itself: the longest turn of its event loop. */
async function snapshotWithin(name, store) {
  let [longest, last, over] = [0, performance.now(), false];
  const tick = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (!over) setImmediate(tick);
  };
  setImmediate(tick);
  const from = performance.now();
  await store.snapshot(join(folder, `${name}-within.snapshot`));
  row(`${name}: snapshot within the process`, performance.now() - from, 'ms');
  over = true;
  row('  the longest turn meanwhile', longest, 'ms');
}

/** Kills the server that leads; until the controllers do something for a new namespace. */
async function failover(servers) {
  const made = async (server, name) => {
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    await server.load.call('POST', '/api/v1/namespaces', body);
    for (const end = performance.now() + LEAD_WAIT_MS; performance.now() < end; await pause(20)) {
      const answer = await server.load.call('GET', `/api/v1/namespaces/${name}/serviceaccounts/default`);
      if (answer.status === 200) return;
    }
    throw new Error('nobody leads');
  };
  await made(servers[0], 'led-before');
  const from = performance.now();
  await stop(servers[0], 'SIGKILL');
  await made(servers[1], 'led-after');
  row('etcd: leader killed, until another acts', performance.now() - from, 'ms');
}

async function embedded() {
  const directory = join(folder, 'embedded');
  await stop(await start(directory, []));
  const store = await openLmdbStore({ directory: join(directory, 'data', 'store') });
  row('embedded: objects written', (OBJECTS / (await fill(store))) * 1_000, '/s');
  await snapshotWithin('embedded', store);
  await store.close();
  await restarts('embedded', directory, []);
  await snapshotBeside('embedded', directory, [], ['--root-directory', directory]);
}

async function onEtcd() {
  const etcd = await EtcdServer.start();
  try {
    const place = ['--etcd-servers', etcd.endpoints.join(',')];
    const directory = join(folder, 'etcd');
    await stop(await start(directory, place));
    const store = await openEtcdStore({ servers: etcd.endpoints });
    row('etcd: objects written', (OBJECTS / (await fill(store))) * 1_000, '/s');
    await snapshotWithin('etcd', store);
    await store.close();
    await restarts('etcd', directory, place);
    await snapshotBeside('etcd', directory, place, place);
    const servers = [await start(directory, place), await start(join(folder, 'second'), place)];
    await failover(servers);
    await stop(servers[1]);
  } finally {
    await etcd.stop();
  }
}

try {
  await embedded();
  await onEtcd();
} finally {
  rmSync(folder, { recursive: true });
}
console.log(`${cpus().length} × ${cpus()[0]?.model}, Node.js ${process.version}, ${OBJECTS} objects of 1 KiB`);
console.table(table);
