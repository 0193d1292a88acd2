// Physical clusters of a demo: stand-ins, or real ones that are given.
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Starts a stand-in on a port that it keeps over restarts; resolves with its kubeconfig's file. */
export async function startStandIn(stage, name, port, args = []) {
  await stage.start(
    name,
    'sim-cluster',
    ['start', '--name', name, '--secure-port', String(port), '--root-directory', join(stage.directory, name), ...args],
    /kubeconfig/,
  );
  return join(stage.directory, name, 'clusters', name, 'admin.kubeconfig');
}

/** The two clusters of a demo, by name. `argsOf` says how a stand-in is started. */
export async function startClusters(stage, given, ports, argsOf = () => []) {
  const names = ['us-east1', 'us-west1'];
  if (given !== undefined) {
    const files = given.split(',');
    if (files.length !== names.length) throw new Error('--clusters takes two kubeconfigs');
    mkdirSync(join(stage.directory, 'given'));
    return Object.fromEntries(
      names.map((name, i) => {
        const copy = join(stage.directory, 'given', name);
        copyFileSync(files[i], copy);
        return [name, copy];
      }),
    );
  }
  const found = {};
  for (const [i, name] of names.entries()) found[name] = await startStandIn(stage, name, ports[i], argsOf(name));
  return found;
}

/** A Cluster object that registers a physical cluster. */
export function clusterManifest(name, kubeconfigFile) {
  return JSON.stringify({
    apiVersion: 'cluster.example.dev/v1alpha1',
    kind: 'Cluster',
    metadata: { name },
    spec: { kubeconfig: readFileSync(kubeconfigFile, 'utf8') },
  });
}
