import { ROOT_CLUSTER } from '@kcp/apimachinery/meta/cluster-name';
import type { HiddenFields } from '@kcp/apimachinery/openapi/hide-fields';
import { AdmissionChain } from '@kcp/apiserver/admission/admission';
import { CEL_CHECKER } from '@kcp/apiserver/admission/cel/cel-checker';
import { celEngine } from '@kcp/apiserver/admission/cel/cel-engine';
import { configuredPlugins } from '@kcp/apiserver/admission/configured-plugins';
import { NamespaceLifecycle } from '@kcp/apiserver/admission/namespace-lifecycle';
import { QuotaStore } from '@kcp/apiserver/admission/quota/quota-store';
import { ResourceQuota } from '@kcp/apiserver/admission/quota/resource-quota';
import { RbacEscalation } from '@kcp/apiserver/admission/rbac-escalation';
import type { Auditor } from '@kcp/apiserver/audit/auditor';
import type { TokenIssuer } from '@kcp/apiserver/authn/service-account/token-issuer';
import {
  ALWAYS_ALLOWED_PATHS,
  type Authorizer,
  mastersAuthorizer,
  pathAuthorizer,
  unionAuthorizer,
} from '@kcp/apiserver/authz/authorizer';
import { Policies } from '@kcp/apiserver/authz/rbac/policies';
import { RbacAuthorizer } from '@kcp/apiserver/authz/rbac/rbac-authorizer';
import { loadRbac } from '@kcp/apiserver/authz/rbac/rbac-source';
import { RoleLookup } from '@kcp/apiserver/authz/rbac/role-lookup';
import { type RuleResolver, unionRules, webhookRules } from '@kcp/apiserver/authz/rule-resolver';
import { builtinTypes } from '@kcp/apiserver/builtins/builtin-types';
import { type Clock, systemClock } from '@kcp/apiserver/clock';
import { createCrdCatalog } from '@kcp/apiserver/crd/crd-catalog';
import { DiscoveryHandler } from '@kcp/apiserver/discovery/discovery-handler';
import { DEFAULT_FLOW_CONTROL } from '@kcp/apiserver/flow-control/default-flows';
import { FlowControl, type FlowControlConfig } from '@kcp/apiserver/flow-control/flow-control';
import { MemoryPressure } from '@kcp/apiserver/flow-control/memory-pressure';
import { memoryReader } from '@kcp/apiserver/flow-control/memory-reading';
import { HandlerChain } from '@kcp/apiserver/handler/chain';
import { HealthHandler } from '@kcp/apiserver/health/health-handler';
import { ServerMetrics } from '@kcp/apiserver/metrics/server-metrics';
import { OpenApiHandler } from '@kcp/apiserver/openapi/openapi-handler';
import { BuiltinCatalog, type ResourceCatalog } from '@kcp/apiserver/registry/catalog';
import type { Registry } from '@kcp/apiserver/registry/registry';
import type { ResourceType } from '@kcp/apiserver/registry/resource-type';
import { NAMESPACE_STORAGE, StoreClusters } from '@kcp/apiserver/registry/store-clusters';
import { NonResourcePaths } from '@kcp/apiserver/version/non-resource-handler';
import { KUBERNETES_MAJOR, KUBERNETES_MINOR, versionDocument } from '@kcp/apiserver/version/version';
import type { AddressPolicy } from '@kcp/apiserver/webhook/address-policy';
import { WebhookClient } from '@kcp/apiserver/webhook/webhook-client';
import type { CachedObject, WatchCache } from '@kcp/storage/cache';
import type { StorageError } from '@kcp/storage/errors';
import type { Store } from '@kcp/storage/store';
import { createWatchCache } from '@kcp/storage/watch-cache/watch-cache';
import { BUILD } from '../build-info.js';
import type { Log } from '../log/log.js';
import { assembleIdentity, type Identity, type IdentityOptions } from './assemble-identity.js';
import { builtinPlugins } from './builtin-plugins.js';
import { healthChecks } from './health-checks.js';

/** What an assembled server is told; everything that touches the outside comes in here. */
export interface AssemblyOptions {
  readonly store: Store;
  /** Types that this server has besides those of every server. */
  readonly types?: readonly ResourceType[];
  /** Fields that it does not publish; whoever hides them makes the types that refuse them. */
  readonly hiddenFields?: HiddenFields;
  readonly identity: IdentityOptions;
  /** Admission plugins besides those that every server has. */
  readonly admissionPlugins?: readonly string[];
  /** Where webhooks may be; anywhere when absent. */
  readonly webhookAddresses?: AddressPolicy;
  /** Memory that the process may take; what its container may take when absent. */
  readonly memoryLimitBytes?: number;
  readonly log: Log;
  readonly clock?: Clock;
  readonly auditor?: Auditor;
  /** Who decides besides RBAC. */
  readonly authorizers?: { readonly webhook: Authorizer; readonly beforeRbac: boolean };
  /** Run in turn when the server has stopped. */
  readonly closing?: readonly (() => Promise<void> | void)[];
  /** Seats, levels and flows; those of `default-flows` when absent. */
  readonly flows?: FlowControlConfig;
}

/** A server without a socket: the handler chain over its store, and what its life cycle needs. */
export interface AssembledServer {
  readonly chain: HandlerChain;
  readonly pressure: MemoryPressure;
  readonly cache: WatchCache;
  readonly catalog: ResourceCatalog;
  readonly phase: Phase;
  /** Holds connections to webhooks, to be closed last. */
  readonly webhooks: WebhookClient;
  /** For the controller that fills Secrets with tokens. */
  readonly tokenIssuer: TokenIssuer;
}

/** Where in its life a server is; readyz tells. */
export interface Phase {
  /** On its way out: not ready, while requests are still answered. */
  draining: boolean;
  policyInForce: boolean;
  /** Informers of its controllers that have yet to see what there is. */
  awaited: () => readonly string[];
}

/** The only place where the parts meet: store, cache, types, policy, handlers. */
export async function assemble(options: AssemblyOptions): Promise<AssembledServer> {
  const { store, log, clock = systemClock } = options;
  const onUnreadable = (error: StorageError) => log.error('a stored object cannot be read', { error });
  const cache = await createWatchCache(store, { onUnreadable });
  await cache.resource(NAMESPACE_STORAGE);
  const policy = await assemblePolicy(cache, options.authorizers);
  const webhooks = new WebhookClient({ clock, addresses: options.webhookAddresses ?? 'any' });
  const holder: { catalog?: ResourceCatalog } = {};
  const lateCatalog = (): ResourceCatalog => {
    if (holder.catalog === undefined) throw new Error('the catalogue is asked before it is made');
    return holder.catalog;
  };
  const identity = assembleIdentity(options.identity, cache, lateCatalog, clock);
  const catalog = await assembleCatalog(cache, policy, webhooks, identity, lateCatalog, options);
  holder.catalog = catalog;
  const clusters = new StoreClusters(store, cache, clock);
  // Requests that name no logical cluster go to this one, so it is there from the start.
  await clusters.ensure(ROOT_CLUSTER);
  const admission = new AdmissionChain([
    // In upstream's order: ordinary plugins, then what users bring, mutating before validating, then quotas.
    new NamespaceLifecycle(store, cache, clusters),
    ...builtinPlugins({ cache, catalog, authorizer: policy.authorizer, enabled: options.admissionPlugins ?? [] }),
    policy.escalation,
    ...configuredPlugins({ cache, catalog: () => catalog, client: webhooks, engine: celEngine(policy.authorizer) }),
    new ResourceQuota(new QuotaStore(store, cache)),
  ]);
  const registry: Registry = { store, cache, catalog, clusters, admission, clock };
  const phase: Phase = { draining: false, policyInForce: false, awaited: () => [] };
  const flowControl = new FlowControl(options.flows ?? DEFAULT_FLOW_CONTROL, clock);
  const pressure = new MemoryPressure(memoryReader(options.memoryLimitBytes), clock);
  const chain = new HandlerChain({
    pressure,
    registry,
    authenticator: identity.authenticator,
    authorizer: policy.authorizer,
    ...(options.auditor === undefined ? {} : { auditor: options.auditor }),
    flowControl,
    ...assembleAnswers(
      registry,
      { identity, flowControl, pressure, hidden: options.hiddenFields, auditor: options.auditor },
      log,
      phase,
    ),
    onInternalError: (error, auditId) => log.error('a request failed', { auditId, error }),
  });
  return { chain, pressure, cache, catalog, phase, webhooks, tokenIssuer: identity.accounts.issuer };
}

/** Who may do what. */
interface Policy {
  readonly authorizer: Authorizer;
  readonly rules: RuleResolver;
  readonly escalation: RbacEscalation;
}

async function assemblePolicy(cache: WatchCache, others: AssemblyOptions['authorizers']): Promise<Policy> {
  const source = await loadRbac(cache);
  const roles = new RoleLookup(source);
  const rbac = new RbacAuthorizer(new Policies(source, roles));
  const configured =
    others === undefined ? [rbac] : others.beforeRbac ? [others.webhook, rbac] : [rbac, others.webhook];
  const authorizer = unionAuthorizer([mastersAuthorizer, pathAuthorizer(ALWAYS_ALLOWED_PATHS), ...configured]);
  return {
    authorizer,
    rules: others === undefined ? rbac : unionRules([rbac, webhookRules]),
    escalation: new RbacEscalation(rbac, authorizer, roles),
  };
}

async function assembleCatalog(
  cache: WatchCache,
  { authorizer, rules }: Policy,
  webhooks: WebhookClient,
  { bearer, accounts }: Identity,
  lateCatalog: () => ResourceCatalog,
  { log, types: more = [], clock = systemClock }: AssemblyOptions,
): Promise<ResourceCatalog> {
  const types = builtinTypes({
    authorizer,
    rules,
    tokens: bearer,
    accountTokens: accounts,
    expressions: CEL_CHECKER,
    since: clock.now(),
    catalog: lateCatalog,
  });
  const onBroken = (error: unknown, { key }: CachedObject): void =>
    log.error('a stored definition cannot be served', { cluster: key.cluster, name: key.name, error });
  return createCrdCatalog({ cache, builtins: new BuiltinCatalog([...types, ...more]), webhooks, onBroken });
}

/** What answers are made of besides the objects. */
interface AnswerParts {
  readonly identity: Identity;
  readonly flowControl: FlowControl;
  readonly pressure: MemoryPressure;
  readonly hidden: HiddenFields | undefined;
  readonly auditor: Auditor | undefined;
}

function assembleAnswers(
  { catalog, cache, store, clock }: Registry,
  { identity: { accounts }, flowControl, pressure, hidden, auditor }: AnswerParts,
  log: Log,
  phase: Readonly<Phase>,
): Pick<ConstructorParameters<typeof HandlerChain>[0], 'nonResource' | 'observer'> {
  const metrics = new ServerMetrics({
    catalog,
    cache,
    store,
    more: () => [...flowControl.metrics(), ...pressure.metrics(), ...(auditor?.metrics() ?? [])],
  });
  const health = new HealthHandler({
    ...healthChecks(store, cache, phase),
    onFailure: (endpoint, check, reason) => log.warn('a health check failed', { endpoint, check, reason }),
  });
  const openApi = new OpenApiHandler(catalog, `${KUBERNETES_MAJOR}.${KUBERNETES_MINOR}`, () => clock.now(), hidden);
  const nonResource = new NonResourcePaths({
    discovery: new DiscoveryHandler(catalog),
    openApi,
    health,
    metrics,
    version: versionDocument(BUILD),
    issuer: accounts.documents,
  });
  return { nonResource, observer: metrics };
}
