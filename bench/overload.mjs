#!/usr/bin/env node
// What one user's flood does to another: node bench/overload.mjs [--flood 640] [--samples 500]. The flood runs in a
// process of its own, at a lower priority, so that the measuring client is not what starves. Needs `npm run build`.
// With --floor the same beside a bare HTTP/2 server over TLS that answers a constant: what Node.js and the machine give.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { constants, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { configMap, Load, quantile, readKubeconfig, round } from './load.mjs';

const { values } = parseArgs({
  options: {
    flood: { type: 'string', default: '640' },
    samples: { type: 'string', default: '500' },
    connections: { type: 'string', default: '10' },
    flooding: { type: 'string' },
    verb: { type: 'string', default: 'get' },
    verbs: { type: 'string', default: 'get,list,create' },
    floor: { type: 'boolean', default: false },
  },
});
const PATH = '/api/v1/namespaces/default/configmaps';
const PACE_MS = 5;
const USERS = ['light', 'flood-get', 'flood-list', 'flood-create'];
const bearer = (token) => ({ authorization: `Bearer ${token}` });

if (values.flooding === undefined) await measure();
else await flood(values.flooding);

/** As many requests at a time as asked for, without end; says how many were answered and refused, once a second. */
async function flood(kubeconfig) {
  const load = new Load({ ...readKubeconfig(kubeconfig), cert: undefined, key: undefined });
  await load.open(Number(values.connections));
  const counts = { 200: 0, 201: 0, 429: 0 };
  let made = 0;
  // Each kind of flood has a user of its own: what one leaves behind when it ends must not hold up the next.
  const credentials = bearer(`flood-${values.verb}`);
  const calls = {
    get: () => load.call('GET', `${PATH}/seen`, undefined, credentials),
    list: () => load.call('GET', PATH, undefined, credentials),
    create: () => load.call('POST', PATH, configMap(`flood-${made++}`), credentials),
  };
  setInterval(() => process.send(counts), 200);
  for (let i = 0; i < Number(values.flood); i++) {
    void (async () => {
      for (;;) {
        const { status } = await calls[values.verb]();
        counts[status] = (counts[status] ?? 0) + 1;
        if (status === 429) await pause(100);
      }
    })();
  }
}

async function measure() {
  const folder = mkdtempSync(join(tmpdir(), 'kcp-overload-'));
  const [server, kubeconfig] = values.floor ? startFloor(folder) : startServer(folder);
  while (!existsSync(kubeconfig)) await pause(20);
  const admin = new Load(readKubeconfig(kubeconfig), server.pid);
  await admin.open(1);
  await prepare(admin);
  const light = new Load({ ...readKubeconfig(kubeconfig), cert: undefined, key: undefined }, server.pid);
  await light.open(1);
  await rows(light);
  const table = await rows(light);
  for (const verb of values.verbs.split(',')) table.push(...(await beside(light, kubeconfig, verb)));
  console.table(table);
  for (const load of [admin, light]) load.close();
  server.kill('SIGTERM');
  await once(server, 'exit');
  rmSync(folder, { recursive: true });
}

function startServer(folder) {
  const tokens = join(folder, 'tokens.csv');
  writeFileSync(tokens, USERS.map((name) => `${name},${name},${name}\n`).join(''));
  const args = ['start', '--root-directory', join(folder, 'kcp'), '--secure-port', '0', '--token-auth-file', tokens];
  const server = spawn('node_modules/.bin/kcp', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  return [server, join(folder, 'kcp/data/admin.kubeconfig')];
}

function startFloor(folder) {
  const server = spawn(process.execPath, ['bench/floor.mjs', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  return [server, join(folder, 'floor.kubeconfig')];
}

async function prepare(admin) {
  const subjects = USERS.map((name) => ({ kind: 'User', name, apiGroup: 'rbac.authorization.k8s.io' }));
  const roleRef = { kind: 'ClusterRole', name: 'cluster-admin', apiGroup: 'rbac.authorization.k8s.io' };
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'all' },
    subjects,
    roleRef,
  };
  await admin.call('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', JSON.stringify(binding));
  await admin.call('POST', PATH, configMap('seen'));
  for (let i = 0; i < 200; i++) await admin.call('POST', PATH, configMap(`some-${i}`));
}

async function beside(light, kubeconfig, verb) {
  const own = fileURLToPath(import.meta.url);
  const args = ['--flooding', kubeconfig, '--flood', values.flood, '--connections', values.connections, '--verb', verb];
  const child = spawn(process.execPath, [own, ...args], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  let counts = {};
  child.on('message', (told) => {
    counts = told;
  });
  await pause(1_500);
  const [before, from] = [counts, performance.now()];
  const table = await rows(light);
  const seconds = (performance.now() - from) / 1_000;
  const rate = (...codes) =>
    Math.round(codes.reduce((sum, c) => sum + (counts[c] ?? 0) - (before[c] ?? 0), 0) / seconds);
  child.kill();
  await once(child, 'exit');
  await pause(300);
  return table.map((row) => ({ ...row, beside: `${verb}s`, 'flood/s': rate(200, 201), '429/s': rate(429) }));
}

/** One request after the other, at a light pace. */
async function rows(light) {
  let made = 0;
  const calls = {
    get: () => light.call('GET', `${PATH}/seen`, undefined, bearer('light')),
    create: () => light.call('POST', PATH, configMap(`light-${process.hrtime.bigint()}-${made++}`), bearer('light')),
    livez: () => light.call('GET', '/livez', undefined, bearer('light')),
  };
  const table = [];
  for (const [row, call] of Object.entries(calls)) {
    const times = [];
    let failed = 0;
    for (let i = 0; i < Number(values.samples); i++) {
      const { status, ms } = await call();
      if (status >= 300) failed++;
      times.push(ms);
      await pause(PACE_MS);
    }
    times.sort((a, b) => a - b);
    table.push({
      row,
      'p50 ms': round(quantile(times, 0.5), 1),
      'p99 ms': round(quantile(times, 0.99), 1),
      failed,
      'RSS MiB': light.rssMiB(),
    });
  }
  return table;
}
