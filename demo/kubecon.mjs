#!/usr/bin/env node
// Two clusters behind one API: npm run demo [-- --fast] [-- --clusters EAST.kubeconfig,WEST.kubeconfig]
// A kcp without pods learns Deployments from two clusters, and runs one Deployment across both.
import { clusterManifest, startClusters, startStandIn } from './clusters.mjs';
import { Stage } from './stage.mjs';

const CONTRIB = new URL('../contrib/demo/', import.meta.url).pathname;
const CONFIG = new URL('../config/', import.meta.url).pathname;
const PORTS = [17_811, 17_812];
const options = Stage.options();
const stage = new Stage('One Deployment, two clusters', options);

try {
  await stage.say('A server without nodes and pods, and what connects it to clusters.');
  await stage.start('kcp', 'kcp', ['start', '--secure-port', '0'], /kcp serves at/);
  await stage.kubectl(['apply', '-f', CONFIG]);
  const shared = ['--kubeconfig', stage.env.KUBECONFIG];
  await stage.start(
    'cluster-controller',
    'cluster-controller',
    [...shared, '--pull_mode=false', '--push_mode', '--auto_publish_apis', 'deployments.apps'],
    /./,
  );
  await stage.start('deployment-splitter', 'deployment-splitter', shared, /./);
  const clusters = await startClusters(stage, options.clusters, PORTS);

  await stage.say('There are no pods here, and few types at all.');
  const pods = await stage.kubectl(['get', 'pods']);
  stage.check('pods are an unknown type', /doesn't have a resource type "pods"/.test(pods.stderr));
  const { stdout: resources } = await stage.kubectl(['api-resources']);
  for (const name of [
    'configmaps',
    'customresourcedefinitions',
    'clusters',
    'apiresourceimports',
    'negotiatedapiresources',
  ]) {
    stage.check(`${name} are served`, new RegExp(`^${name} `, 'm').test(resources));
  }
  stage.check('deployments are not', !/^deployments /m.test(resources));

  await stage.say('Whatever can be described as an API can be offered here.');
  const applied = await stage.kubectl(['apply', '-Rf', `${CONTRIB}external-integrations`]);
  stage.check('13 definitions were created', applied.stdout.match(/ created/g)?.length === 13);
  const established = await stage.kubectl([
    'wait',
    '--for=condition=Established',
    '--timeout=20s',
    'crd/databases.postgresql.crossplane.io',
  ]);
  stage.check('databases.postgresql.crossplane.io is established', established.code === 0);
  const explained = await stage.kubectl(['explain', 'database']);
  stage.check('a database is explained', /KIND:\s+Database/.test(explained.stdout) && /FIELDS/.test(explained.stdout));

  await stage.say('Another logical cluster of the same server knows nothing of this.');
  const { stdout: view } = await stage.kubectl([
    '--context',
    'user',
    'config',
    'view',
    '--minify',
    '-o',
    'jsonpath={.clusters[0].cluster.server}',
  ]);
  stage.check('its address ends with /clusters/user', view.trim().endsWith('/clusters/user'));
  const databases = await stage.kubectl(['--context', 'user', 'get', 'databases']);
  stage.check('databases are an unknown type there', /doesn't have a resource type "databases"/.test(databases.stderr));
  const crds = await stage.kubectl(['--context', 'user', 'get', 'crds']);
  stage.check('it has no definitions', /No resources found/.test(crds.stderr));

  await stage.say('Two clusters are registered. kcp learns from them what a Deployment is.');
  for (const name of ['us-west1', 'us-east1']) {
    const { code } = await stage.kubectl(['apply', '-f', '-'], { input: clusterManifest(name, clusters[name]) });
    stage.check(`${name} is registered`, code === 0);
  }
  await stage.eventually('deployments.apps is established', 20_000, async () =>
    conditionOf(await stage.json(['get', 'crd', 'deployments.apps']), 'Established'),
  );
  await stage.eventually('the APIService v1.apps is available', 5_000, async () =>
    conditionOf(await stage.json(['get', 'apiservice', 'v1.apps']), 'Available'),
  );
  for (const name of ['us-east1', 'us-west1']) {
    await stage.eventually(`${name} is ready`, 20_000, async () =>
      conditionOf(await stage.json(['get', 'clusters.cluster.example.dev', name]), 'Ready'),
    );
  }
  await stage.kubectl(['get', 'clusters.cluster.example.dev']);
  const { stdout: now } = await stage.kubectl(['api-resources', '--api-group=apps']);
  stage.check('deployments are served, deploy for short', /^deployments +deploy +apps\/v1 /m.test(now));

  await stage.say('One Deployment of 15 is spread over both.');
  await stage.kubectl(['create', 'namespace', 'demo']);
  const created = await stage.kubectl(['apply', '-f', `${CONTRIB}deployment.yaml`]);
  stage.check('my-deployment is created', / created/.test(created.stdout));
  let broken = '';
  await stage.eventually('the root has 15 of 15 ready', 40_000, async () => {
    const state = await deployments();
    // Leaves are made one after the other; once both are there, they always ask for what the root asks for.
    if (state.leaves.length === 2 && state.desired !== 15) broken = `leaves asked for ${state.desired}`;
    return state.root?.status?.readyReplicas === 15;
  });
  stage.check('the leaves asked for 15 at all times', broken === '', broken);
  await stage.kubectl(['get', 'deployments', '-n', 'demo']);
  const { leaves, root } = await deployments();
  stage.check(
    'the leaves ask for 8 and 7',
    same(
      leaves.map(({ spec }) => spec.replicas),
      [8, 7],
    ),
  );
  stage.check('the root sums up its leaves', root.status.replicas === 15 && root.status.availableReplicas === 15);
  for (const name of ['us-east1', 'us-west1']) {
    const leaf = leaves.find(({ metadata }) => metadata.name === `my-deployment--${name}`);
    const { stdout } = await stage.kubectl(['get', 'deployments', '-n', 'demo'], { kubeconfig: clusters[name] });
    stage.check(
      `${name} holds its leaf, all ready`,
      new RegExp(`my-deployment--${name} +${leaf?.spec.replicas}/${leaf?.spec.replicas} `).test(stdout),
    );
  }
  const still = await stage.kubectl(['get', 'pods']);
  stage.check('pods are an unknown type still', /doesn't have a resource type "pods"/.test(still.stderr));

  if (options.clusters === undefined) {
    await stage.say('A cluster disappears. Its share moves to the other, and comes back with it.');
    await stage.end('us-west1', 'SIGKILL');
    await stage.eventually('us-west1 is not ready', 20_000, async () =>
      conditionOf(await stage.json(['get', 'clusters.cluster.example.dev', 'us-west1']), 'Ready', 'False'),
    );
    await stage.eventually('us-east1 has all 15', 30_000, async () => {
      const state = await deployments();
      return state.leaves.some(
        ({ metadata, spec, status }) =>
          metadata.name.endsWith('us-east1') && spec.replicas === 15 && status?.readyReplicas === 15,
      );
    });
    await stage.kubectl(['get', 'deployments', '-n', 'demo']);
    await startStandIn(stage, 'us-west1', PORTS[1]);
    await stage.eventually('us-west1 is ready again', 30_000, async () =>
      conditionOf(await stage.json(['get', 'clusters.cluster.example.dev', 'us-west1']), 'Ready'),
    );
    await stage.eventually('the leaves ask for 8 and 7 again, all ready', 40_000, async () => {
      const state = await deployments();
      return (
        same(
          state.leaves.map(({ spec }) => spec.replicas),
          [8, 7],
        ) && state.root.status.readyReplicas === 15
      );
    });
    await stage.kubectl(['get', 'deployments', '-n', 'demo']);
  }
} catch (error) {
  stage.check('the demo runs to its end', false, error instanceof Error ? error.message : String(error));
}
process.exitCode = await stage.close();

async function deployments() {
  const { items } = await stage.json(['get', 'deployments', '-n', 'demo']);
  const leaves = items.filter(({ metadata }) => metadata.labels?.['kcp.dev/owned-by'] !== undefined);
  const root = items.find(({ metadata }) => metadata.name === 'my-deployment');
  return { root, leaves, desired: leaves.reduce((sum, { spec }) => sum + (spec.replicas ?? 0), 0) };
}

function conditionOf({ status }, type, wanted = 'True') {
  return status?.conditions?.some((condition) => condition.type === type && condition.status === wanted) === true;
}

function same(numbers, wanted) {
  return JSON.stringify([...numbers].sort((a, b) => b - a)) === JSON.stringify(wanted);
}
