#!/usr/bin/env node
// What two clusters have in common: npm run demo:negotiation [-- --fast]
// One cluster knows a field that the other does not. kcp finds out, and offers what both understand.
import { readdirSync } from 'node:fs';
import { clusterManifest, startClusters } from './clusters.mjs';
import { Stage } from './stage.mjs';

const CONFIG = new URL('../config/', import.meta.url).pathname;
const CRDS = new URL('../contrib/crds/apps/', import.meta.url).pathname;
const PORTS = [17_821, 17_822];
const FIELD = 'ephemeralContainers';
const NEGOTIATED = ['negotiatedapiresources', 'deployments.v1.apps'];
const importOf = (location) => ['apiresourceimports', `deployments.${location}.v1.apps`];
const options = Stage.options();
const stage = new Stage('What two clusters have in common', options);

try {
  await stage.start('kcp', 'kcp', ['start', '--secure-port', '0'], /kcp serves at/);
  await stage.kubectl(['apply', '-f', CONFIG]);
  const flags = ['--kubeconfig', stage.env.KUBECONFIG, '--pull_mode=false', '--push_mode', 'deployments.apps'];
  await stage.start('cluster-controller', 'cluster-controller', flags, /./);
  const clusters = await startClusters(stage, options.clusters, PORTS, (name) =>
    name === 'us-west1' ? ['--without-field', `pods.spec.${FIELD}`] : [],
  );
  const register = async (name) => {
    const { code } = await stage.kubectl(['apply', '-f', '-'], { input: clusterManifest(name, clusters[name]) });
    stage.check(`${name} is registered`, code === 0);
  };

  await stage.say('1. A cluster is registered: its Deployments are imported, and nothing is published yet.');
  const before = await stage.kubectl(['get', 'deployments']);
  stage.check('deployments are an unknown type', /doesn't have a resource type "deployments"/.test(before.stderr));
  await register('us-east1');
  await becomes('the import is compatible', importOf('us-east1'), { Compatible: 'True', Available: undefined });
  await becomes('the negotiated resource is not published', NEGOTIATED, { Published: undefined });
  stage.check('publish is not set', (await stage.json(['get', ...NEGOTIATED])).spec.publish !== true);
  await stage.kubectl(['get', 'apiresourceimports,negotiatedapiresources']);

  await stage.say('2. It is published.');
  await stage.kubectl(['patch', ...NEGOTIATED, '--type=merge', '-p', '{"spec":{"publish":true}}']);
  await becomes('it is published, and not enforced', NEGOTIATED, { Published: 'True', Enforced: 'False' });
  await becomes('the import is available', importOf('us-east1'), { Available: 'True' });
  await stage.eventually('deployments can be discovered', 10_000, async () => {
    const { stdout } = await stage.kubectl(['api-resources', '--api-group=apps'], { quiet: true });
    return /^deployments /m.test(stdout);
  });
  await stage.eventually(`the definition knows ${FIELD}`, 10_000, async () => (await definition()).includes(FIELD));

  await stage.say(`3. A second cluster, which does not know ${FIELD}.`);
  await register('us-west1');
  await becomes('its import is not compatible', importOf('us-west1'), { Compatible: 'False' });
  const refused = await stage.json(['get', ...importOf('us-west1')]);
  const why = refused.status.conditions.find(({ type }) => type === 'Compatible');
  stage.check('the message names the removed property', why.message.includes(FIELD), why.message);
  stage.check(
    'it is not available',
    !refused.status.conditions.some(({ type, status }) => type === 'Available' && status === 'True'),
  );
  await stage.kubectl(['get', 'apiresourceimports']);

  await stage.say('4. It may narrow what is published.');
  await stage.kubectl([
    'patch',
    ...importOf('us-west1'),
    '--type=merge',
    '-p',
    '{"spec":{"schemaUpdateStrategy":"UpdatePublished"}}',
  ]);
  await becomes('its import is compatible and available', importOf('us-west1'), {
    Compatible: 'True',
    Available: 'True',
  });
  await stage.eventually(
    `${FIELD} is gone from the negotiated schema`,
    10_000,
    async () => !(await negotiated()).includes(FIELD),
  );
  await stage.eventually('and from the definition', 10_000, async () => !(await definition()).includes(FIELD));

  await stage.say('5. It leaves.');
  await stage.kubectl(['delete', 'clusters.cluster.example.dev', 'us-west1', '--timeout=30s']);
  await isGone('its import is gone', importOf('us-west1'));
  await stage.eventually(`${FIELD} is back in the negotiated schema`, 10_000, async () =>
    (await negotiated()).includes(FIELD),
  );
  await stage.eventually('and in the definition', 10_000, async () => (await definition()).includes(FIELD));

  await stage.say('6. The last one leaves, and its types with it.');
  await stage.kubectl(['delete', 'clusters.cluster.example.dev', 'us-east1', '--timeout=30s']);
  await isGone('its import is gone', importOf('us-east1'));
  await isGone('nothing is negotiated', NEGOTIATED);
  await isGone('the definition is gone', ['crd', 'deployments.apps']);

  await stage.say('7. A definition made by hand is enforced upon everybody.');
  const file = readdirSync(CRDS).find((name) => name.startsWith('deployments'));
  await stage.kubectl(['apply', '--server-side', '-f', `${CRDS}${file}`]);
  await register('us-west1');
  await becomes('it is enforced and published', NEGOTIATED, { Enforced: 'True', Published: 'True' });
  await stage.eventually(
    'publish is set',
    10_000,
    async () => (await stage.json(['get', ...NEGOTIATED])).spec.publish === true,
  );
  await becomes('the import is not compatible', importOf('us-west1'), { Compatible: 'False' });
  await stage.kubectl([
    'patch',
    ...importOf('us-west1'),
    '--type=merge',
    '-p',
    '{"spec":{"schemaUpdateStrategy":"UpdatePublished"}}',
  ]);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await becomes('another strategy changes nothing', importOf('us-west1'), { Compatible: 'False' });
  stage.check('the definition still has the field', (await definition()).includes(FIELD));
  await register('us-east1');
  await becomes('us-east1 is judged against the enforced schema', importOf('us-east1'), {
    Compatible: 'True',
    Available: 'True',
  });
  await stage.kubectl(['get', 'apiresourceimports,negotiatedapiresources']);
} catch (error) {
  stage.check('the demo runs to its end', false, error instanceof Error ? error.message : String(error));
}
process.exitCode = await stage.close();

/** Waits for conditions; undefined stands for one that is not True. */
async function becomes(what, object, conditions) {
  await stage.eventually(what, 20_000, async () => {
    const { status } = await stage.json(['get', ...object]);
    return Object.entries(conditions).every(([type, wanted]) => {
      const found = status?.conditions?.find((condition) => condition.type === type)?.status;
      return wanted === undefined ? found !== 'True' : found === wanted;
    });
  });
}

async function isGone(what, object) {
  await stage.eventually(what, 20_000, async () => {
    const { code, stderr } = await stage.kubectl(['get', ...object], { quiet: true });
    return code !== 0 && /NotFound|not found/.test(stderr);
  });
}

async function definition() {
  return JSON.stringify(await stage.json(['get', 'crd', 'deployments.apps']));
}

async function negotiated() {
  return JSON.stringify((await stage.json(['get', ...NEGOTIATED])).spec.openAPIV3Schema);
}
