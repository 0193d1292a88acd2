import type { Clock } from '@kcp/apiserver/clock';
import type { Environment } from '@kcp/controllers/controller/environment';
import { DefinitionControllers } from '@kcp/controllers/definition/definition-controllers';
import { definitionInformer } from '@kcp/controllers/definition/definition-informer';
import { GarbageCollector } from '@kcp/controllers/garbage/garbage-collector';
import { NamespaceController } from '@kcp/controllers/namespace/namespace-controller';
import { ObjectFeed } from '@kcp/controllers/types/object-feed';
import { ServedTypes } from '@kcp/controllers/types/served-types';
import type { Log } from '../log/log.js';
import type { AssembledServer } from './assemble-server.js';
import { inProcessClient, mastersUser } from './in-process-client.js';

/** The controllers of a server while they run. */
export interface RunningControllers {
  /** Finishes what is under way and ends every watch of theirs. */
  stop(): Promise<void>;
}

/** Starts the controllers that every server has, each a client of the server like any other, with a name of its own. */
export function startControllers(server: AssembledServer, log: Log, clock: Clock): RunningControllers {
  const environment = (name: string): Environment => ({
    client: inProcessClient(server, mastersUser(`system:kcp:${name}`), clock, `kcp/${name}`),
    clock,
    random: Math.random,
    log,
  });
  const builtins = new Set(server.catalog.builtins().map(({ gvk, names }) => `${names.plural}.${gvk.group}`));
  const definitions = definitionInformer(environment('definition-controller'));
  const types = new ServedTypes(environment('object-feed'), definitions);
  const feed = new ObjectFeed(environment('object-feed'), types);
  const controllers = [
    new DefinitionControllers(environment('definition-controller'), definitions, ({ group, resource }) =>
      builtins.has(`${resource}.${group}`),
    ),
    new NamespaceController(environment('namespace-controller')),
    new GarbageCollector(environment('generic-garbage-collector'), types, feed),
  ];
  for (const controller of controllers) controller.start();
  return {
    async stop() {
      await Promise.all(controllers.map((controller) => controller.stop()));
      await Promise.all([feed.stop(), definitions.stop()]);
    },
  };
}
