import type { Clock } from '@kcp/apiserver/clock';
import type { Client } from '@kcp/client/rest/client';
import { AggregationController } from '@kcp/controllers/aggregation/aggregation-controller';
import { RequestController } from '@kcp/controllers/certificates/request-controller';
import type { Signer } from '@kcp/controllers/certificates/signer';
import type { Environment } from '@kcp/controllers/controller/environment';
import type { IsBuiltin } from '@kcp/controllers/definition/cleanup-controller';
import { DefinitionControllers } from '@kcp/controllers/definition/definition-controllers';
import { definitionInformer } from '@kcp/controllers/definition/definition-informer';
import { EventSweeper } from '@kcp/controllers/events/event-sweeper';
import { GarbageCollector } from '@kcp/controllers/garbage/garbage-collector';
import { EVENT_LIFE_MS } from '@kcp/controllers/limits';
import { NamespaceController } from '@kcp/controllers/namespace/namespace-controller';
import { PolicyStatusController } from '@kcp/controllers/policy-status/policy-status-controller';
import { QuotaController } from '@kcp/controllers/quota/quota-controller';
import { DEFAULT_ACCOUNT, rootCertificate } from '@kcp/controllers/service-account/fixtures';
import { NamespaceFixture } from '@kcp/controllers/service-account/namespace-fixture';
import { namespaceInformer } from '@kcp/controllers/service-account/namespace-informer';
import { TokenController } from '@kcp/controllers/service-account/token-controller';
import type { TokenIssuer } from '@kcp/controllers/service-account/token-issuer';
import { ObjectFeed } from '@kcp/controllers/types/object-feed';
import { ServedTypes } from '@kcp/controllers/types/served-types';
import type { Log } from '../log/log.js';
import type { AssembledServer } from './assemble-server.js';
import { AwaitedInformers, DEFINITIONS } from './awaited-informers.js';
import { inProcessClient, mastersUser } from './in-process-client.js';

/** What makes others believe the server; there from the moment that it can be reached from outside. */
export interface Trust {
  /** The authorities that vouch for the server, PEM. */
  readonly authorities: string;
  /** Signs client certificates that are asked for; without it such requests stay open. */
  readonly signer?: Signer;
}

export interface ControllerOptions {
  /** A client of all logical clusters for one of the controllers, by whose name it is known. */
  readonly clientOf: (name: string) => Client;
  /** Whether a resource is one of the server's own. */
  readonly isBuiltin: IsBuiltin;
  readonly log: Log;
  readonly clock: Clock;
  /** Controllers of this server alone. */
  readonly more?: (environmentOf: EnvironmentOf) => readonly Startable[];
  /** How long Events last after they were last written. */
  readonly eventLifeMs?: number;
  /** Makes the tokens that Secrets hold; without it such Secrets stay empty. */
  readonly tokenIssuer?: TokenIssuer;
}

/** The controllers of a server while they run. */
export interface RunningControllers {
  /** Starts those that pass the server's trust on. Once at the most. */
  trust(trust: Trust): void;
  /** Their shared informers that have yet to see what there is, by what they see; none while others lead. */
  awaited(): readonly string[];
  /** Finishes what is under way and ends every watch of theirs. */
  stop(): Promise<void>;
}

/** A controller, before and after its start. */
export interface Startable {
  start(): void;
  stop(): Promise<void>;
}

/** Access for a controller, under its own name. */
export type EnvironmentOf = (name: string) => Environment;

/** Starts the controllers, each a client of the server like any other, with a name of its own. */
export function startControllers(options: ControllerOptions): RunningControllers {
  const { clientOf, isBuiltin, log, clock, eventLifeMs = EVENT_LIFE_MS } = options;
  const environment = (name: string): Environment => ({ client: clientOf(name), clock, random: Math.random, log });
  const definitions = definitionInformer(environment('definition-controller'));
  const namespaces = namespaceInformer(environment('service-account-controller'));
  const types = new ServedTypes(environment('object-feed'), definitions);
  const feed = new ObjectFeed(environment('object-feed'), types);
  const running: Startable[] = [];
  const start = (controller: Startable): void => {
    running.push(controller);
    controller.start();
  };
  start(new DefinitionControllers(environment('definition-controller'), definitions, isBuiltin));
  start(new NamespaceController(environment('namespace-controller')));
  start(new PolicyStatusController(environment('policy-status-controller')));
  start(new GarbageCollector(environment('generic-garbage-collector'), types, feed));
  start(new QuotaController(environment('resourcequota-controller'), types, feed));
  start(new EventSweeper(environment('event-sweeper'), eventLifeMs));
  start(new AggregationController(environment('clusterrole-aggregation-controller')));
  start(new NamespaceFixture(environment('service-account-controller'), namespaces, DEFAULT_ACCOUNT));
  const requests = new RequestController(environment('certificate-controller'));
  start(requests);
  for (const controller of options.more?.(environment) ?? []) start(controller);
  const informers = { [DEFINITIONS]: definitions, namespaces, 'objects of all types': feed };
  const awaited = new AwaitedInformers(informers);
  return {
    awaited: () => awaited.names,
    trust({ authorities, signer }) {
      const publisher = environment('root-ca-cert-publisher');
      start(new NamespaceFixture(publisher, namespaces, rootCertificate(authorities)));
      if (signer) requests.signWith(signer);
      const { tokenIssuer: issuer } = options;
      if (issuer) start(new TokenController(environment('tokens-controller'), { issuer, authorities }));
    },
    async stop() {
      await Promise.all(running.map((controller) => controller.stop()));
      await Promise.all([feed.stop(), definitions.stop(), namespaces.stop()]);
    },
  };
}

/** The controllers' clients within a server. */
export function inProcessClients(server: AssembledServer, clock: Clock): ControllerOptions['clientOf'] {
  return (name) => inProcessClient(server, mastersUser(`system:kcp:${name}`), clock, `kcp/${name}`);
}

/** What a server in this process has built in. */
export function builtinsOf(server: AssembledServer): IsBuiltin {
  const builtins = new Set(server.catalog.builtins().map(({ gvk, names }) => `${names.plural}.${gvk.group}`));
  return ({ group, resource }) => builtins.has(`${resource}.${group}`);
}
