#!/usr/bin/env node
// Everything that connects clusters is killed at random moments, with writes going on. When it is quiet again, kcp and
// the physical clusters agree exactly: nothing is lost, nothing is there twice.
//   npm run test:multi-cluster-faults [-- --seconds 300 --seed 1]
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { clusterManifest, startStandIn } from '../demo/clusters.mjs';
import { Stage, sleep } from '../demo/stage.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '300' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
  },
});
const CONFIG = new URL('../config/', import.meta.url).pathname;
const NAMESPACE = 'demo';
const LOCATIONS = { 'us-east1': 17_832, 'us-west1': 17_833 };
const NAMES = Array.from({ length: 8 }, (_, i) => `app-${i}`);
const QUIET_WITHIN_MS = 90_000;
const random = generator(Number(values.seed));
const pick = (list) => list[Math.floor(random() * list.length)];
const stage = new Stage(`Everything fails, for ${values.seconds} s (seed ${values.seed})`, { fast: true, keep: false });
/** name → replicas that were acknowledged last; absent: the deletion was. `undefined` as a value: nobody knows. */
const wanted = new Map();
let kills = 0;
let writes = 0;

try {
  const programs = programsOf();
  for (const start of Object.values(programs)) await start();
  await stage.kubectl(['apply', '-f', CONFIG], { quiet: true });
  for (const name of Object.keys(LOCATIONS)) {
    const input = clusterManifest(name, `${stage.directory}/${name}/clusters/${name}/admin.kubeconfig`);
    await stage.kubectl(['apply', '-f', '-'], { input, quiet: true });
  }
  await stage.eventually('Deployments can be written', 30_000, async () => {
    const { code } = await stage.kubectl(['get', 'deployments'], { quiet: true });
    return code === 0;
  });
  await stage.kubectl(['create', 'namespace', NAMESPACE], { quiet: true });

  const until = Date.now() + Number(values.seconds) * 1_000;
  await Promise.all([write(until), kill(until, programs)]);
  stage.check(`${kills} kills and ${writes} acknowledged writes happened`, kills > 0 && writes > 0);
  await settle();
} catch (error) {
  stage.check('it runs to its end', false, error instanceof Error ? error.message : String(error));
}
process.exitCode = await stage.close();

function programsOf() {
  const kubeconfig = ['--kubeconfig', stage.env.KUBECONFIG];
  const controller = [...kubeconfig, '--pull_mode=false', '--push_mode', '--auto_publish_apis', 'deployments.apps'];
  return {
    kcp: () => stage.start('kcp', 'kcp', ['start', '--secure-port', '17831'], /kcp serves at/),
    'cluster-controller': () => stage.start('cluster-controller', 'cluster-controller', controller, /./),
    'deployment-splitter': () => stage.start('deployment-splitter', 'deployment-splitter', kubeconfig, /./),
    'us-east1': () => startStandIn(stage, 'us-east1', LOCATIONS['us-east1']),
    'us-west1': () => startStandIn(stage, 'us-west1', LOCATIONS['us-west1']),
  };
}

async function write(until) {
  while (Date.now() < until) {
    const name = pick(NAMES);
    const replicas = 1 + Math.floor(random() * 12);
    const gone = random() < 0.15;
    const args = gone
      ? ['delete', 'deployment', name, '-n', NAMESPACE, '--wait=false', '--ignore-not-found']
      : ['apply', '-f', '-'];
    const { code } = await stage.kubectl(args, { quiet: true, ...(gone ? {} : { input: deployment(name, replicas) }) });
    if (code !== 0) wanted.set(name, undefined);
    else {
      writes++;
      if (gone) wanted.delete(name);
      else wanted.set(name, replicas);
    }
    await sleep(100);
  }
}

async function kill(until, programs) {
  while (Date.now() < until) {
    await sleep(1_500 + random() * 3_000);
    const name = pick(Object.keys(programs));
    await stage.end(name, 'SIGKILL');
    kills++;
    await sleep(random() * 2_000);
    await again(programs[name]);
  }
}

/** A program that needs the server cannot start while that is away. */
async function again(start) {
  for (let tries = 0; ; tries++) {
    try {
      await start();
      return;
    } catch (error) {
      if (tries === 20) throw error;
      await sleep(500);
    }
  }
}

async function settle() {
  // Writes of which nobody knows whether they were carried out are made once more.
  for (const [name, replicas] of wanted) {
    if (replicas !== undefined) continue;
    const input = deployment(name, 5);
    await stage.eventually(`${name} is written once more`, 30_000, async () => {
      const { code } = await stage.kubectl(['apply', '-f', '-'], { quiet: true, input });
      return code === 0;
    });
    wanted.set(name, 5);
  }
  await stage.eventually('kcp holds what was acknowledged', QUIET_WITHIN_MS, async () => agree(await roots(), wanted));
  await stage.eventually('leaves ask for what their roots ask for', QUIET_WITHIN_MS, async () => {
    const sums = new Map();
    for (const { metadata, spec } of await leaves()) {
      const root = metadata.labels['kcp.dev/owned-by'];
      sums.set(root, (sums.get(root) ?? 0) + spec.replicas);
    }
    return agree(sums, wanted);
  });
  for (const name of Object.keys(LOCATIONS)) {
    await stage.eventually(`${name} holds its leaves and nothing else`, QUIET_WITHIN_MS, async () => {
      const here = (await leaves()).filter(({ metadata }) => metadata.labels['kcp.dev/cluster'] === name);
      return agree(await deploymentsOf(name), replicasByName(here));
    });
  }
  await stage.eventually('everything is ready', QUIET_WITHIN_MS, async () => {
    const { items } = await stage.json(['get', 'deployments', '-n', NAMESPACE]);
    const short = items.filter(({ spec, status }) => (status?.readyReplicas ?? 0) !== spec.replicas);
    if (short.length > 0) throw new Error(short.map(({ metadata }) => metadata.name).join(', '));
    return true;
  });
}

function agree(found, expected) {
  const text = (map) => JSON.stringify([...map].sort(([a], [b]) => a.localeCompare(b)));
  if (text(found) === text(expected)) return true;
  throw new Error(`found ${text(found)}, expected ${text(expected)}`);
}

async function all() {
  return (await stage.json(['get', 'deployments', '-n', NAMESPACE])).items;
}

async function leaves() {
  return (await all()).filter(({ metadata }) => metadata.labels?.['kcp.dev/owned-by'] !== undefined);
}

async function roots() {
  return replicasByName((await all()).filter(({ metadata }) => metadata.labels?.['kcp.dev/owned-by'] === undefined));
}

async function deploymentsOf(location) {
  const kubeconfig = `${stage.directory}/${location}/clusters/${location}/admin.kubeconfig`;
  return replicasByName((await stage.json(['get', 'deployments', '-n', NAMESPACE], { kubeconfig })).items);
}

function replicasByName(items) {
  return new Map(items.map(({ metadata, spec }) => [metadata.name, spec.replicas]));
}

function deployment(name, replicas) {
  const labels = { app: name };
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'nginx' }] } },
    },
  });
}

/** Numbers from 0 to less than 1, the same for the same seed. */
function generator(seed) {
  let drawn = 0;
  return () => createHash('sha256').update(`${seed} ${drawn++}`).digest().readUInt32BE(0) / 2 ** 32;
}
