#!/usr/bin/env node
// What definitions of custom resources cost: node --expose-gc bench/crds.mjs [--many 780] [--each 50 --clusters 100]
// [--groups 368]. One process holds server and client, on disk; only the documents go over a socket. Memory is what stays after a full
// collection; `anonymous` is what the process holds beyond mapped files.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startKcp } from '../packages/kcp/dist/index.js';
import { Load, readKubeconfig } from './load.mjs';

const { values } = parseArgs({
  options: {
    many: { type: 'string', default: '780' },
    each: { type: 'string', default: '50' },
    clusters: { type: 'string', default: '100' },
    groups: { type: 'string', default: '368' },
  },
});
const DEFINITIONS = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };
const AT_ONCE = 16;
const table = [];

await measured(manyInOne, Number(values.many));
await measured(sameInMany, Number(values.each), Number(values.clusters));
await measured(documents, Number(values.groups));
console.table(table);

async function measured(measure, ...sizes) {
  const directory = mkdtempSync(join(tmpdir(), 'kcp-crds-'));
  const kcp = await startKcp({ storage: 'disk', directory, listen: { port: 0 } });
  try {
    // What a server needs once is no cost of the definitions that follow.
    await inTurn(40, (i) => kcp.cluster('warm').create(DEFINITIONS, definition('warm.example.com', i, 260)));
    await measure(kcp, ...sizes);
  } finally {
    await kcp.stop();
    rmSync(directory, { recursive: true });
  }
}

/** Provider-sized definitions of different content in one cluster. */
async function manyInOne(kcp, count) {
  const client = kcp.cluster('one');
  const before = await memory();
  const started = performance.now();
  let stored = 0;
  await inTurn(count, async (i) => {
    const made = definition(`g${i % 40}.provider.example.com`, i, 260);
    stored += JSON.stringify(made).length;
    await client.create(DEFINITIONS, made);
    await served(client, made);
  });
  row(
    `${count} definitions of ${kib(stored / count)} KiB in one cluster`,
    started,
    count,
    stored,
    before,
    await memory(),
  );
}

/** The same few definitions in many clusters. */
async function sameInMany(kcp, each, clusters) {
  const definitions = Array.from({ length: each }, (_, i) => definition('shared.example.com', i, 40));
  const stored = definitions.reduce((sum, one) => sum + JSON.stringify(one).length, 0) * clusters;
  await fill(kcp, definitions, 0, 2);
  const before = await memory();
  const started = performance.now();
  await fill(kcp, definitions, 2, clusters);
  const count = each * clusters;
  row(
    `${each} same definitions of ${kib(stored / count)} KiB in each of ${clusters} clusters`,
    started,
    count,
    stored,
    before,
    await memory(),
  );
}

async function fill(kcp, definitions, from, count) {
  await inTurn(count, async (i) => {
    const client = kcp.cluster(`c${from + i}`);
    for (const one of definitions) await client.create(DEFINITIONS, structuredClone(one));
    await served(client, definitions.at(-1));
  });
}

/** Discovery and OpenAPI of a cluster with many group versions. */
async function documents(kcp, groups) {
  const client = kcp.cluster('docs');
  await inTurn(groups, async (i) => {
    const made = definition(`g${i}.docs.example.com`, i, 40);
    await client.create(DEFINITIONS, made);
    await served(client, made);
  });
  const load = new Load(readKubeconfig(kcp.kubeconfigFile), process.pid, '/clusters/docs');
  await load.open(1);
  const paths = {
    '/apis, aggregated': ['/apis', 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'],
    '/openapi/v3': ['/openapi/v3', 'application/json'],
    '/openapi/v3 of one group version': ['/openapi/v3/apis/g1.docs.example.com/v1', 'application/json'],
    '/openapi/v2': ['/openapi/v2', 'application/json'],
  };
  for (const [name, [path, accept]] of Object.entries(paths)) {
    const times = [];
    for (const attempt of ['cold', 'warm', 'changed']) {
      if (attempt === 'changed') {
        const late = definition('late.example.com', table.length, 40);
        await client.create(DEFINITIONS, late);
        await served(client, late);
      }
      const started = performance.now();
      const answer = await load.call('GET', path, undefined, { accept });
      if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`);
      times.push(round(performance.now() - started));
    }
    table.push({
      row: `${groups} group versions: ${name}`,
      'cold ms': times[0],
      'warm ms': times[1],
      'after a change ms': times[2],
    });
  }
  load.close();
}

function row(name, started, count, stored, before, after) {
  table.push({
    row: name,
    'ms each': round((performance.now() - started) / count),
    'heap KiB each': kib((after.heap - before.heap) / count),
    'buffers KiB each': kib((after.buffers - before.buffers) / count),
    'anonymous KiB each': kib((after.anonymous - before.anonymous) / count),
    'beyond stored KiB each': kib((after.anonymous - before.anonymous - stored) / count),
  });
}

async function memory() {
  await new Promise((resolve) => setTimeout(resolve, 500));
  for (let i = 0; i < 4; i++) globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const rollup = readFileSync('/proc/self/smaps_rollup', 'utf8');
  const anonymous = Number(/^Anonymous:\s+(\d+)/m.exec(rollup)?.[1]) * 1024;
  return { heap: heapUsed, buffers: arrayBuffers, anonymous };
}

async function served(client, { metadata, spec }) {
  const type = { group: spec.group, version: spec.versions[0].name, resource: spec.names.plural };
  for (;;) {
    try {
      await client.list(type);
      return;
    } catch (error) {
      if (error.status?.code !== 404) throw new Error(metadata.name, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
}

async function inTurn(count, work) {
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(AT_ONCE, count) }, async () => {
      while (next < count) await work(next++);
    }),
  );
}

/** A definition with so many fields; 260 of them are about as large as what infrastructure providers ship. */
function definition(group, i, fields = 5) {
  const properties = {};
  for (let field = 0; field < fields; field++) {
    const name = `section${Math.floor(field / 20)}`;
    properties[name] ??= { type: 'object', properties: {} };
    const section = properties[name];
    section.properties[`field${field}`] = {
      type: 'string',
      description: `Field ${field} of kind ${i}: what it means, from where it comes and what it must never be set to.`,
      maxLength: 253,
    };
  }
  const plural = `kind${i}s`;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, singular: `kind${i}`, kind: `Kind${i}`, listKind: `Kind${i}List` },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: { type: 'object', properties },
                status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
              },
            },
          },
        },
      ],
    },
  };
}

function kib(bytes) {
  return round(bytes / 1024);
}

function round(value) {
  return Math.round(value * 100) / 100;
}
