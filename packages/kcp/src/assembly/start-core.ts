import { type Clock, systemClock } from '@kcp/apiserver/clock';
import type { TokenIssuer } from '@kcp/controllers/service-account/token-issuer';
import type { Log } from '../log/log.js';
import { type AssembledServer, type AssemblyOptions, assemble } from './assemble-server.js';
import { applyBootstrapPolicy } from './bootstrap-policy.js';
import { electControllers } from './elect-controllers.js';
import { inProcessClient, mastersUser } from './in-process-client.js';
import {
  builtinsOf,
  type ControllerOptions,
  type EnvironmentOf,
  inProcessClients,
  type RunningControllers,
  type Startable,
  startControllers,
  type Trust,
} from './start-controllers.js';

/** What takes requests from outside. */
export interface Listener {
  /** Takes no more, lets open requests finish. */
  close(): Promise<void>;
}

/** A server at work that nobody outside of the process can reach yet. */
export interface Core {
  readonly server: AssembledServer;
  /** Resolves when others than masters have the rights that everybody has from the start, or when that failed. */
  readonly policyInForce: Promise<void>;
  /** Tells the controllers what makes clients believe the server, when it can be reached from outside. */
  trust(trust: Trust): void;
  /** Goes not ready, stops the controllers, closes the listener, ends watches, flushes and closes the store. Idempotent. */
  stop(listener?: Listener): Promise<void>;
}

export interface CoreOptions extends AssemblyOptions, Pick<ControllerOptions, 'eventLifeMs'> {
  /** Several servers share the store: controllers run where the lease is. */
  readonly leaderElection?: boolean;
  /** Controllers of this server besides those of every server. */
  readonly controllers?: (environmentOf: EnvironmentOf) => readonly Startable[];
  /** False: controllers run elsewhere. */
  readonly within?: boolean;
}

const NO_CONTROLLERS: RunningControllers = { awaited: () => [], trust: () => {}, stop: async () => {} };

/** Starts server and controllers over a store, which belongs to the core from here on, also when this rejects. */
export async function startCore(options: CoreOptions): Promise<Core> {
  const { store, log, clock = systemClock } = options;
  const server = await assemble(options).catch(async (error: unknown) => {
    for (const close of options.closing ?? []) await close();
    await store.close();
    throw error;
  });
  const controllers = options.within === false ? NO_CONTROLLERS : controllersOf(server, options, clock);
  server.phase.awaited = controllers.awaited;
  const policyInForce = putPolicyInForce(server, log, clock);
  let stopping: Promise<void> | undefined;
  return {
    server,
    policyInForce,
    trust: (trust) => controllers.trust(trust),
    stop(listener) {
      stopping ??= stop(server, controllers, options, listener);
      return stopping;
    },
  };
}

function controllersOf(server: AssembledServer, options: CoreOptions, clock: Clock): RunningControllers {
  const run = options.leaderElection ? electControllers : startControllers;
  const { log, eventLifeMs, controllers } = options;
  return run({
    clientOf: inProcessClients(server, clock),
    isBuiltin: builtinsOf(server),
    log,
    clock,
    ...(eventLifeMs === undefined ? {} : { eventLifeMs }),
    ...(controllers === undefined ? {} : { more: controllers }),
    tokenIssuer: legacyTokens(server),
  });
}

/** Fills the Secrets that ask for a token, with the server's own keys. */
function legacyTokens({ tokenIssuer }: AssembledServer): TokenIssuer {
  return {
    issueLegacyToken: ({ cluster, namespace, name, uid, secret }) =>
      tokenIssuer.legacyToken({ cluster, namespace, account: { name, uid }, secretName: secret }),
  };
}

/** Nobody waits for it but readyz: until then, only those who may do everything may do anything. */
async function putPolicyInForce(server: AssembledServer, log: Log, clock: Clock): Promise<void> {
  try {
    await applyBootstrapPolicy(inProcessClient(server, mastersUser('system:apiserver'), clock, 'kcp/bootstrap'));
    server.phase.policyInForce = true;
  } catch (error) {
    if (!server.phase.draining) log.error('the bootstrap policy could not be applied', { error });
  }
}

async function stop(
  server: AssembledServer,
  controllers: RunningControllers,
  { store, closing = [] }: AssemblyOptions,
  listener: Listener | undefined,
): Promise<void> {
  server.phase.draining = true;
  await controllers.stop();
  // Watches end with the cache; without that the listener would wait for them.
  const closed = listener?.close();
  await server.cache.close();
  await closed;
  server.webhooks.close();
  for (const close of closing) await close();
  await store.close();
}
