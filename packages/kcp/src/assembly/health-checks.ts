import type { HealthCheck, HealthChecks } from '@kcp/apiserver/health/health-handler';
import type { WatchCache } from '@kcp/storage/cache';
import type { Store } from '@kcp/storage/store';
import type { Phase } from './assemble-server.js';
import { DEFINITIONS } from './awaited-informers.js';

/**
 * What livez and readyz look at, under upstream's names and in its order where it has the same. Of the controllers' own
 * beginning readyz tells as long as they run here: elsewhere they have a readiness of their own.
 */
export function healthChecks(
  store: Pick<Store, 'failure' | 'revision'>,
  cache: Pick<WatchCache, 'revision'>,
  phase: Readonly<Phase>,
): Pick<HealthChecks, 'livez' | 'readyz'> {
  const storeAnswers = (): string | undefined => store.failure?.message;
  return {
    livez: [
      { name: 'ping', check: () => undefined },
      { name: 'log', check: () => undefined },
      { name: 'etcd', check: storeAnswers },
    ],
    readyz: [
      { name: 'etcd-readiness', check: storeAnswers },
      {
        name: 'informer-sync',
        check: () => (cache.revision >= store.revision ? started(phase) : 'the cache is behind'),
      },
      hook('start-apiextensions-controllers', () => !phase.awaited().includes(DEFINITIONS)),
      hook('rbac/bootstrap-roles', () => phase.policyInForce),
      { name: 'shutdown', check: () => (phase.draining ? 'process is shutting down' : undefined) },
    ],
  };
}

/** As upstream says it of informers. */
function started({ awaited }: Readonly<Phase>): string | undefined {
  const names = awaited();
  return names.length === 0 ? undefined : `${names.length} informers not started yet: [${names.join(' ')}]`;
}

/** Something that is done once, after the start. */
function hook(name: string, isDone: () => boolean): HealthCheck {
  return { name: `poststarthook/${name}`, check: () => (isDone() ? undefined : 'not finished') };
}
