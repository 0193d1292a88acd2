import { existsSync, mkdirSync, rmSync, watch } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ProcessSurface } from 'kcp/cli/process-surface';
import { createLog } from 'kcp/log/log';
import { type SimCluster, startSimCluster } from '../start-sim-cluster.js';
import { AWAY_FILE } from './orders.js';
import type { Place, startSettings } from './sim-flags.js';

const OK = 0;

/** Runs a cluster until SIGINT or SIGTERM. Resolves with the exit code; rejects when it cannot start. */
export async function runCluster(
  { name, directory }: Place,
  settings: ReturnType<typeof startSettings>,
  surface: ProcessSurface,
): Promise<number> {
  const { verbosity, ...options } = settings;
  const log = createLog({ format: 'text', verbosity, write: (line) => surface.err(line), now: () => surface.now() });
  const stopped = new Promise<void>((done) => void surface.onStopSignal(() => done()));
  const absolute = resolve(directory);
  mkdirSync(absolute, { recursive: true, mode: 0o700 });
  rmSync(join(absolute, AWAY_FILE), { force: true });
  const cluster = await startSimCluster({ ...options, name, directory: absolute, log });
  const orders = followOrders(cluster, absolute, (error) => log.error('an order could not be followed', { error }));
  surface.out(`cluster ${name} serves at ${cluster.url}, kubeconfig ${cluster.kubeconfigFile ?? ''}\n`);
  await stopped;
  orders.close();
  await cluster.stop();
  return OK;
}

/** Goes away and comes back as the file says. */
function followOrders(cluster: SimCluster, directory: string, onError: (error: unknown) => void): { close(): void } {
  let turn: Promise<void> = Promise.resolve();
  return watch(directory, (_event, file) => {
    if (file !== AWAY_FILE) return;
    const away = existsSync(join(directory, AWAY_FILE));
    turn = turn.then(() => (away ? cluster.goAway() : cluster.comeBack())).catch(onError);
  });
}
