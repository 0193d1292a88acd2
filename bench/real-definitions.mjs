#!/usr/bin/env node
// How long it is from the request that makes a definition to its first object: node bench/real-definitions.mjs FOLDER
// [--yaml] [--rounds 2]. FOLDER holds <project>/<plural>.<group>.yaml. A server of its own, on disk, is started for each
// round, which takes all definitions one after the other; the first ones meet code that never ran. Times are by the
// clock, and in brackets by the processor time of the server's event loop, which others on the machine change little.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { load as parseYaml } from 'js-yaml';
import { Load, quantile, readKubeconfig, round } from './load.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { yaml: { type: 'boolean', default: false }, rounds: { type: 'string', default: '2' } },
});
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const BIN = 'node_modules/.bin/kcp';
const LARGE_BYTES_MIN = 2_000_000;
const definitions = found(positionals[0]);
const rows = new Map(definitions.map(({ name, bytes }) => [name, { bytes, ms: [], processor: [] }]));

for (let i = 0; i < Number(values.rounds); i++) await measured();
const most = ({ processor }) => Math.max(...processor);
const shown = [...rows].filter(([, { ms }]) => ms.length > 0).sort(([, a], [, b]) => most(b) - most(a));
console.table(
  shown.slice(0, 12).map(([name, { bytes, ms, processor }]) => ({
    name,
    bytes,
    ...ms.map((one, i) => `${Math.round(one)} (${Math.round(processor[i])})`),
  })),
);
const others = shown.map(([, row]) => row).filter(({ bytes }) => bytes < LARGE_BYTES_MIN);
for (const kind of ['ms', 'processor']) {
  const times = others.flatMap((row) => row[kind]);
  const [p50, p99] = [0.5, 0.99].map((q) => round(quantile(times, q)));
  console.log(
    `${kind === 'ms' ? 'by the clock' : 'processor'}: p50 ${p50}, p99 ${p99}, most ${Math.round(Math.max(...times))} ms`,
  );
}

async function measured() {
  const folder = mkdtempSync(join(tmpdir(), 'kcp-real-'));
  const child = spawn(
    process.execPath,
    [...process.execArgv, BIN, 'start', '--root-directory', folder, '--secure-port', '0'],
    {
      stdio: ['ignore', 'ignore', 'ignore'],
    },
  );
  const kubeconfig = join(folder, 'data/admin.kubeconfig');
  while (!existsSync(kubeconfig)) await pause(20);
  // A server that has just started still has a little to do.
  await pause(1_000);
  const load = new Load(readKubeconfig(kubeconfig), child.pid);
  await load.open(1);
  await load.call('GET', '/version');
  for (const one of definitions) {
    const before = processorMs(child.pid);
    const ms = await usable(load, one);
    if (ms === undefined) continue;
    rows.get(one.name).ms.push(ms);
    rows.get(one.name).processor.push(processorMs(child.pid) - before);
  }
  load.close();
  child.kill('SIGTERM');
  await new Promise((resolve) => child.once('exit', resolve));
  rmSync(folder, { recursive: true });
}

/** From the request to the first answer that is not "no such type"; an object that is refused has been judged as well. */
async function usable(load, { body, path, object, name }) {
  const started = performance.now();
  const made = await load.call('POST', DEFINITIONS, body, values.yaml ? { 'content-type': 'application/yaml' } : {});
  // Some are of a form that is refused today.
  if (made.status === 422 || made.status === 400) return undefined;
  if (made.status !== 201) throw new Error(`${name}: ${made.status} ${made.text()}`);
  for (;;) {
    const answer = await load.call('POST', path, object);
    if (answer.status === 201 || answer.status === 422) return performance.now() - started;
    if (answer.status !== 404) throw new Error(`${name}: ${answer.status} ${answer.text()}`);
    await pause(1);
  }
}

function found(folder) {
  const projects = readdirSync(folder).filter((name) => statSync(join(folder, name)).isDirectory());
  return projects.flatMap((project) =>
    readdirSync(join(folder, project))
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => readFileSync(join(folder, project, file), 'utf8'))
      .map((yaml) => ({ yaml, definition: parseYaml(yaml) }))
      .filter(({ definition }) => definition?.spec?.versions !== undefined)
      .map(planned),
  );
}

function planned({ yaml, definition }) {
  const { metadata, spec } = definition;
  const version = spec.versions.find(({ storage }) => storage).name;
  const namespaced = spec.scope === 'Namespaced' ? 'namespaces/default/' : '';
  const object = { apiVersion: `${spec.group}/${version}`, kind: spec.names.kind, metadata: { name: 'first' } };
  return {
    name: metadata.name,
    bytes: yaml.length,
    body: values.yaml ? yaml : JSON.stringify(definition),
    path: `/apis/${spec.group}/${version}/${namespaced}${spec.names.plural}`,
    object: JSON.stringify(object),
  };
}

/** Of the main thread, in milliseconds. */
function processorMs(pid) {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
