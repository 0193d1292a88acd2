import { systemClock } from '@kcp/apiserver/clock';
import type { Store } from '@kcp/storage/store';
import { type AssembledServer, type AssemblyOptions, assemble } from './assemble-server.js';
import { startControllers } from './start-controllers.js';

/** What takes requests from outside. */
export interface Listener {
  /** Takes no more, lets open requests finish. */
  close(): Promise<void>;
}

/** A server at work that nobody outside of the process can reach yet. */
export interface Core {
  readonly server: AssembledServer;
  /** Goes not ready, stops the controllers, closes the listener, ends watches, flushes and closes the store. Idempotent. */
  stop(listener?: Listener): Promise<void>;
}

/** Starts server and controllers over a store, which belongs to the core from here on, also when this rejects. */
export async function startCore(options: AssemblyOptions): Promise<Core> {
  const { store, log, clock = systemClock } = options;
  const server = await assemble(options).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  const controllers = startControllers(server, log, clock);
  let stopping: Promise<void> | undefined;
  return {
    server,
    stop(listener) {
      stopping ??= stop(server, controllers, store, listener);
      return stopping;
    },
  };
}

async function stop(
  server: AssembledServer,
  controllers: ReturnType<typeof startControllers>,
  store: Store,
  listener: Listener | undefined,
): Promise<void> {
  server.startDraining();
  await controllers.stop();
  // Watches end with the cache; without that the listener would wait for them.
  const closed = listener?.close();
  await server.cache.close();
  await closed;
  await store.close();
}
