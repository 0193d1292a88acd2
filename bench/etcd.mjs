#!/usr/bin/env node
// The same server on an etcd of this machine: creates, gets and a rest of both through a second server.
//   node bench/etcd.mjs [--count 4000]
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EtcdServer } from '@kcp/storage/testing/etcd-server';
import { configMap, Load, readKubeconfig } from './load.mjs';

const { values } = parseArgs({ options: { count: { type: 'string', default: '4000' } } });
const COUNT = Number(values.count);
const CLIENTS = 64;
const PATH = '/api/v1/namespaces/default/configmaps';
const POLL_MS = 20;
const folder = mkdtempSync(join(tmpdir(), 'kcp-bench-etcd-'));
const etcd = await EtcdServer.start();
const flags = ['--etcd-servers', etcd.endpoints.join(',')];
const table = [];

const first = await start('first');
let made = 0;
const create = () => first.load.call('POST', PATH, configMap(`m${made++}`));
await first.load.row('warm', 200, CLIENTS, create);
table.push(await first.load.row('create, 64 clients', COUNT, CLIENTS, create));
let read = 0;
const get = (load) => () => load.call('GET', `${PATH}/m${read++ % COUNT}`);
table.push(await first.load.row('get, 64 clients', COUNT * 3, CLIENTS, get(first.load)));
const second = await start('second');
table.push(await second.load.row('get at another server', COUNT * 3, CLIENTS, get(second.load)));
for (const { load, child } of [first, second]) {
  load.close();
  child.kill('SIGTERM');
  await new Promise((resolve) => child.once('exit', resolve));
}
const began = performance.now();
const again = await start('first');
await again.load.call('GET', PATH);
table.push({
  row: `restart to the first list of ${made} objects (ms)`,
  'p50 ms': Math.round(performance.now() - began),
});
again.load.close();
again.child.kill('SIGTERM');
await new Promise((resolve) => again.child.once('exit', resolve));
await etcd.stop();
rmSync(folder, { recursive: true });
console.table(table);

async function start(name) {
  const directory = join(folder, name);
  rmSync(join(directory, 'data', 'admin.kubeconfig'), { force: true });
  const args = ['start', '--root-directory', directory, '--secure-port', '0', ...flags];
  const child = spawn('node_modules/.bin/kcp', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const kubeconfig = join(directory, 'data', 'admin.kubeconfig');
  while (!existsSync(kubeconfig)) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  const load = new Load(readKubeconfig(kubeconfig), child.pid);
  await load.open();
  return { child, load };
}
