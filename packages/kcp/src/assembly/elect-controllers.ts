import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { POLICY_CLUSTER } from '@kcp/apimachinery/meta/cluster-name';
import { LeaderElection } from '@kcp/client/lease/leader-election';
import { type ControllerOptions, type RunningControllers, startControllers, type Trust } from './start-controllers.js';

/** Where the lease is by which the controllers of one store are led: beside the policy that holds everywhere. */
const LEASE = { namespace: 'default', name: 'kcp-controllers' };

/**
 * Runs the controllers as long as this process leads among all that share the store, and begins to wait for the lead
 * again when it is lost. They are led together: they share their watches.
 */
export function electControllers(options: ControllerOptions): RunningControllers {
  const { clientOf, clock, log } = options;
  const stopping = new AbortController();
  let trusted: Trust | undefined;
  let running: RunningControllers | undefined;
  const lead = async (signal: AbortSignal): Promise<void> => {
    log.info('this server leads the controllers');
    running = startControllers(options);
    if (trusted !== undefined) running.trust(trusted);
    await aborted(signal);
    await running.stop();
    running = undefined;
  };
  const elected = (async () => {
    while (!stopping.signal.aborted) {
      const election = new LeaderElection({
        client: clientOf('leader-election').in(POLICY_CLUSTER),
        ...LEASE,
        identity: `${hostname()}_${randomUUID()}`,
        clock,
        random: Math.random,
        onError: (error) => log.warn('the lease of the controllers could not be had', { error }),
      });
      await election.run(lead, stopping.signal);
      if (!stopping.signal.aborted) log.warn('the lead of the controllers was lost');
    }
  })();
  return {
    awaited: () => running?.awaited() ?? [],
    trust(trust) {
      trusted = trust;
      running?.trust(trust);
    },
    async stop() {
      stopping.abort();
      await elected;
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
