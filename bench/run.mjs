#!/usr/bin/env node
// Starts a server of this checkout on an empty directory and measures it from outside, next to the floor that Node.js
// itself allows: npm run bench [-- --count 4000]. Loopback only, TLS and real fsync on, every row bounded in count.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { configMap, Load, quantile, readKubeconfig, round } from './load.mjs';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '4000' },
    list: { type: 'string', default: '10000' },
    clusters: { type: 'string', default: '1000' },
  },
});
const COUNT = Number(values.count);
const CLIENTS = 64;
const folder = mkdtempSync(join(tmpdir(), 'kcp-bench-'));
const bin = 'node_modules/.bin/kcp';
const table = [];

console.log(
  `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ${process.platform}`,
);
await floor();
await server();
console.table(table);
rmSync(folder, { recursive: true });

async function floor() {
  const child = spawn(process.execPath, ['bench/floor.mjs', folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const load = new Load(readKubeconfig(join(folder, 'floor.kubeconfig')), child.pid);
  await load.open();
  table.push(await load.row('floor: get, 64 clients', COUNT * 4, CLIENTS, () => load.call('GET', '/')));
  load.close();
  child.kill();
}

async function server() {
  const started = performance.now();
  const child = spawn(bin, ['start', '--root-directory', join(folder, 'kcp'), '--secure-port', '0'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const kubeconfig = join(folder, 'kcp/data/admin.kubeconfig');
  await waitFor(() => existsSync(kubeconfig));
  table.push({ row: 'start to kubeconfig (ms)', 'p50 ms': Math.round(performance.now() - started) });
  if (spawnSync('kubectl', ['--kubeconfig', kubeconfig, 'api-resources']).status === 0) {
    table.push({ row: 'start to first kubectl api-resources (ms)', 'p50 ms': Math.round(performance.now() - started) });
  }
  const load = new Load(readKubeconfig(kubeconfig), child.pid);
  await load.open();
  table.push({ row: 'resident after start', 'RSS MiB': load.rssMiB() });
  await rows(load);
  await clusters(load);
  load.close();
  child.kill('SIGTERM');
  await new Promise((resolve) => child.once('exit', resolve));
}

async function rows(load) {
  const path = '/api/v1/namespaces/default/configmaps';
  await load.call('POST', path, configMap('warm'));
  table.push(await load.row('create, 1 client', 300, 1, (i) => load.call('POST', path, configMap(`a${i}`))));
  table.push(await load.row('create, 64 clients', COUNT, CLIENTS, (i) => load.call('POST', path, configMap(`b${i}`))));
  table.push(await load.row('get, 64 clients', COUNT * 4, CLIENTS, () => load.call('GET', `${path}/warm`)));
  const merge = { 'content-type': 'application/merge-patch+json' };
  table.push(
    await load.row('merge patch, 64 clients', COUNT, CLIENTS, (i) =>
      load.call('PATCH', `${path}/b${i}`, `{"data":{"k":"v${i}"}}`, merge),
    ),
  );
  const apply = { 'content-type': 'application/apply-patch+yaml' };
  table.push(
    await load.row('apply, new, 64 clients', COUNT, CLIENTS, (i) =>
      load.call('PATCH', `${path}/s${i}?fieldManager=bench`, configMap(`s${i}`), apply),
    ),
  );
  table.push(await customResources(load));
  table.push(
    await load.row('apply, changed, 64 clients', COUNT, CLIENTS, (i) =>
      load.call('PATCH', `${path}/s${i}?fieldManager=bench`, configMap(`s${i}`).replace('xxx', `y${i}`), apply),
    ),
  );
  table.push(
    await load.row('apply, unchanged, 64 clients', COUNT, CLIENTS, (i) =>
      load.call('PATCH', `${path}/s${i}?fieldManager=bench`, configMap(`s${i}`).replace('xxx', `y${i}`), apply),
    ),
  );
  await load.call('POST', '/api/v1/namespaces', JSON.stringify({ metadata: { name: 'list' } }));
  const list = '/api/v1/namespaces/list/configmaps';
  await load.row('fill', Number(values.list), CLIENTS, (i) => load.call('POST', list, configMap(`l${i}`)));
  const forms = {
    all: 'application/json',
    table: 'application/json;as=Table;v=v1;g=meta.k8s.io',
    metadata: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  };
  for (const [name, accept] of Object.entries(forms)) {
    table.push(
      await load.row(`list of ${values.list}: ${name}`, 12, 1, () => load.call('GET', list, undefined, { accept })),
    );
  }
  table.push(await fanout(load, 1_000, 20));
}

/** A type with 20 fields and 5 rules; objects of 1 KB. */
async function customResources(load) {
  const fields = Array.from({ length: 18 }, (_, i) => `f${i}`);
  const properties = Object.fromEntries(fields.map((name) => [name, { type: 'string', maxLength: 100 }]));
  const spec = {
    type: 'object',
    required: ['min', 'max'],
    properties: { ...properties, min: { type: 'integer' }, max: { type: 'integer' } },
    'x-kubernetes-validations': [
      { rule: 'self.min <= self.max' },
      { rule: 'self.f0 != self.f1 || self.min == self.max' },
      { rule: "self.f2.startsWith('x')" },
      { rule: 'has(self.f3) && size(self.f3) <= 100' },
      { rule: "self.f4.matches('^x+$')" },
    ],
  };
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.bench.example.com' },
    spec: {
      group: 'bench.example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
        },
      ],
    },
  };
  await load.call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', JSON.stringify(definition));
  const path = '/apis/bench.example.com/v1/namespaces/default/widgets';
  const values = Object.fromEntries(fields.map((name, i) => [name, 'x'.repeat(30 + i)]));
  const widget = (name) =>
    JSON.stringify({
      apiVersion: 'bench.example.com/v1',
      kind: 'Widget',
      metadata: { name },
      spec: { ...values, min: 1, max: 2 },
    });
  await waitUntil(async () => (await load.call('POST', path, widget('first'))).status === 201);
  return load.row('create with 20 fields, 5 rules', COUNT, CLIENTS, (i) => load.call('POST', path, widget(`w${i}`)));
}

async function fanout(load, watchers, connections) {
  await load.call('POST', '/api/v1/namespaces', JSON.stringify({ metadata: { name: 'watch' } }));
  const path = '/api/v1/namespaces/watch/configmaps';
  const sessions = await Promise.all(Array.from({ length: connections }, () => load.session()));
  let seen = 0;
  let lastAt = 0;
  let ready = 0;
  for (let i = 0; i < watchers; i++) {
    const stream = sessions[i % connections].request({
      ':path': `${load.prefix}${path}?watch=1`,
      accept: 'application/json',
    });
    stream.on('response', () => {
      ready++;
    });
    stream.on('data', () => {
      seen++;
      lastAt = performance.now();
    });
    stream.on('error', () => {});
  }
  await waitFor(() => ready === watchers);
  const events = 40;
  const times = [];
  const cpu = load.cpuMs();
  for (let i = 0; i < events; i++) {
    const from = performance.now();
    await load.call('POST', path, configMap(`w${i}`));
    await waitFor(() => seen >= (i + 1) * watchers, 1);
    times.push(lastAt - from);
  }
  for (const session of sessions) session.destroy();
  return {
    row: `one event to ${watchers} watchers (last receipt)`,
    'p50 ms': quantile(times, 0.5),
    'p99 ms': quantile(times, 0.99),
    'cpu ms each': round((load.cpuMs() - cpu) / (events * watchers), 4),
    'RSS MiB': load.rssMiB(),
  };
}

async function clusters(load) {
  const count = Number(values.clusters);
  const before = load.rssMiB();
  const row = await load.row(`${count} logical clusters`, count, CLIENTS, (i) =>
    load.call('POST', `/clusters/tenant-${i}/api/v1/namespaces`, JSON.stringify({ metadata: { name: 'first' } })),
  );
  table.push({ ...row, 'KiB each': round(((load.rssMiB() - before) * 1024) / count, 1) });
}

async function waitUntil(holds) {
  const deadline = Date.now() + 30_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function waitFor(holds, everyMs = 5) {
  const deadline = Date.now() + 30_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
