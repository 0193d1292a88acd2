import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readNumber, readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import { DEPLOYMENTS, PODS } from '../controllers/resources.js';
import { type SimCluster, startSimCluster } from '../start-sim-cluster.js';
import { eventually } from '../testing/eventually.js';

const PLACE = { namespace: 'default' };
const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };
/** Tells what it was given, then waits to be ended. */
const PROGRAM = `
import { readFileSync, writeFileSync } from 'node:fs';
const [out, file] = process.argv.slice(2);
const account = process.env.KUBERNETES_SERVICE_ACCOUNT_DIRECTORY;
const read = (name) => readFileSync(name, 'utf8');
writeFileSync(out, JSON.stringify({
  file: read(file),
  colour: process.env.COLOUR,
  namespace: read(account + '/namespace'),
  authority: read(account + '/ca.crt'),
  token: read(account + '/token'),
  server: process.env.KUBERNETES_SERVICE_HOST + ':' + process.env.KUBERNETES_SERVICE_PORT,
  pid: process.pid,
}));
setInterval(() => {}, 1000);
`;

let cluster: SimCluster;
let directory: string;

before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'programs-'));
  writeFileSync(join(directory, 'program.mjs'), PROGRAM);
  const command = [process.execPath, join(directory, 'program.mjs')];
  cluster = await startSimCluster({
    name: 'real',
    storage: 'memory',
    podStartDelayMs: 1,
    programs: { images: { teller: { command } } },
  });
});
after(async () => {
  await cluster.stop();
  rmSync(directory, { recursive: true });
});

interface Told {
  readonly [name: string]: unknown;
}

test('a pod whose image has a program is really run, with its files, variables and service account', async () => {
  const data = { kubeconfig: 'a file' };
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'config', ...PLACE }, data };
  const out = join(directory, 'out.json');
  await cluster.client.create(DEPLOYMENTS, deployment(out));
  const held = await eventually(async () => {
    const { items } = await cluster.client.list(PODS, { ...PLACE, labelSelector: 'app=teller' });
    const [container] = readObjects(readObject(items[0] ?? {}, 'status') ?? {}, 'containerStatuses');
    const waiting = readObject(readObject(container ?? {}, 'state') ?? {}, 'waiting') ?? {};
    return readString(waiting, 'reason') === 'CreateContainerConfigError' ? waiting : undefined;
  }, 'a pod that misses its config map');
  assert.equal(readString(held, 'message'), 'configmap "config" not found');
  await cluster.client.create(CONFIG_MAPS, map);
  const told = await eventually(async () => toldIn(out), 'what the program tells');
  assert.equal(told.file, 'a file');
  assert.equal(told.colour, 'green');
  assert.equal(told.namespace, 'default');
  assert.match(String(told.authority), /BEGIN CERTIFICATE/);
  assert.match(String(told.token), /^ey.+\..+\..+$/);
  assert.equal(told.server, `127.0.0.1:${cluster.port}`);
  await crashes(Number(told.pid), out);
});

/** What dies is started again, and what is deleted ends. */
async function crashes(pid: number, out: string): Promise<void> {
  rmSync(out);
  process.kill(pid, 'SIGKILL');
  const again = await eventually(async () => toldIn(out), 'a second start');
  assert.notEqual(again.pid, pid);
  await eventually(async () => {
    const { items } = await cluster.client.list(PODS, { ...PLACE, labelSelector: 'app=teller' });
    const [container] = readObjects(readObject(items[0] ?? {}, 'status') ?? {}, 'containerStatuses');
    return readNumber(container ?? {}, 'restartCount') === 1 && container?.ready === true ? true : undefined;
  }, 'a restart that is counted');
  await cluster.client.delete(DEPLOYMENTS, { ...PLACE, name: 'teller' });
  await eventually(async () => (isAlive(Number(again.pid)) ? undefined : true), 'the end of the program');
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function toldIn(file: string): Told | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function deployment(out: string) {
  const labels = { app: 'teller' };
  const container = {
    name: 'teller',
    image: 'registry.example.com/teller:v1',
    args: [out, '/config/kubeconfig'],
    env: [{ name: 'COLOUR', value: 'green' }],
    volumeMounts: [{ name: 'config', mountPath: '/config' }],
  };
  const spec = { containers: [container], volumes: [{ name: 'config', configMap: { name: 'config' } }] };
  const template = { metadata: { labels }, spec };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'teller', ...PLACE },
    spec: { replicas: 1, selector: { matchLabels: labels }, template },
  };
}
