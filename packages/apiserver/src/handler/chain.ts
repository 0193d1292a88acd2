import { randomUUID } from 'node:crypto';
import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import {
  newBadRequest,
  newInternalError,
  newServiceUnavailable,
  newTimeout,
  type Status,
  StatusError,
} from '@kcp/apimachinery/errors/status-error';
import { ALL_CLUSTERS } from '@kcp/apimachinery/meta/cluster-name';
import { pathSegmentName } from '@kcp/apimachinery/validation/names';
import { StorageError } from '@kcp/storage/errors';
import type { Auditor } from '../audit/auditor.js';
import type { RequestAudit } from '../audit/request-audit.js';
import type { Authenticator } from '../authn/authenticator.js';
import type { UserInfo } from '../authn/user.js';
import type { Authorizer } from '../authz/authorizer.js';
import { forbiddenError } from '../authz/forbidden.js';
import { answerStatus } from '../endpoints/answer.js';
import { dispatch, isWithinScope, unknownResource } from '../endpoints/dispatch.js';
import { type FlowControl, type Seat, TooBusy } from '../flow-control/flow-control.js';
import type { MemoryPressure } from '../flow-control/memory-pressure.js';
import { requestSeats } from '../flow-control/request-cost.js';
import type { ApiHandler, ApiRequest, ApiResponse } from '../http/exchange.js';
import { AUDIT_ID_LENGTH_MAX, REQUEST_TARGET_LENGTH_MAX } from '../limits.js';
import type { Registry } from '../registry/registry.js';
import { statusOfStorageError } from '../registry/storage-status.js';
import { negotiate, type OutputFormat } from '../request/negotiation.js';
import { parseRequest, type RequestInfo, type ResourceTarget } from '../request/request-info.js';
import { attributesOf } from './attributes.js';
import { requestDeadline } from './deadline.js';
import { Impersonator } from './impersonation/impersonator.js';
import type { RequestObservation, RequestObserver } from './observer.js';
import { plainText } from './plain-text.js';
import { holdSeat, isLong } from './seated-answer.js';
import { Warnings } from './warnings.js';

/** Answers what lies outside of resources: health, discovery, OpenAPI, metrics, version. */
export interface NonResourceHandler {
  /** Undefined for a path that it does not know. */
  handle(
    request: ApiRequest,
    info: RequestInfo,
    user: UserInfo,
  ): Promise<ApiResponse | undefined> | ApiResponse | undefined;
}

export interface ChainDependencies {
  readonly registry: Registry;
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly nonResource: NonResourceHandler;
  readonly observer: RequestObserver;
  /** Decides whose turn it is, where there are more requests than can be worked on. */
  readonly flowControl?: FlowControl;
  /** Refuses work that there is no memory for. */
  readonly pressure?: MemoryPressure;
  /** Puts requests on record, where somebody wants that. */
  readonly auditor?: Auditor;
  /** Told of faults that are ours, with the audit id that the client saw. */
  readonly onInternalError: (error: unknown, auditId: string) => void;
}

/** What goes along with one request. */
interface Trail {
  readonly auditId: string;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly warnings: Warnings;
  readonly observation: RequestObservation;
  audit: RequestAudit | undefined;
}

/** Of a request whose credentials were refused. */
const NOBODY: UserInfo = { name: '', uid: '', groups: [], extra: {} };

const BUSY_RETRY_SECONDS = 1;
const ERROR_FORMAT: OutputFormat = { encoding: 'json', as: 'object', asVersion: '', pretty: false };

/**
 * The way of every request, whatever transport brought it: request info, audit id, authentication, impersonation,
 * authorization, then the endpoint. Authorization comes before the body is read and before existence is looked at.
 */
export class HandlerChain implements ApiHandler {
  readonly #deps: ChainDependencies;
  readonly #impersonator: Impersonator;

  constructor(dependencies: ChainDependencies) {
    this.#deps = dependencies;
    this.#impersonator = new Impersonator(dependencies.authorizer);
  }

  async handle(request: ApiRequest): Promise<ApiResponse> {
    const trail: Trail = {
      auditId: auditIdOf(request),
      receivedAt: this.#deps.registry.clock.now(),
      warnings: new Warnings(),
      observation: this.#deps.observer.begin(request.method),
      audit: undefined,
    };
    const answer = await this.#answer(request, trail).catch((error: unknown) =>
      this.#answerError(request, error, trail.auditId),
    );
    trail.observation.end(answer);
    const response = trail.audit === undefined ? answer : trail.audit.answered(answer);
    return withHeaders(response, trail.auditId, trail.warnings);
  }

  async #answer(request: ApiRequest, trail: Trail): Promise<ApiResponse> {
    if (request.target.length > REQUEST_TARGET_LENGTH_MAX) throw newBadRequest('the request path is too long');
    const parsed = parseRequest(request.method, request.target, request.header('x-kubernetes-cluster'));
    if (!parsed.ok) return parsed.code === 404 ? notFoundPage() : plainText(400, 'Bad Request: malformed path\n');
    const { info } = parsed;
    trail.observation.is(info);
    this.#deps.pressure?.check(info);
    const requester = await this.#authenticate(request, info, trail);
    trail.audit = this.#deps.auditor?.begin(request, attributesOf(info, requester), trail.auditId, trail.receivedAt);
    const impersonation = await this.#impersonator.impersonate(request, requester, info);
    if (impersonation !== undefined) trail.audit?.impersonating(impersonation.user, impersonation.constraint);
    const user = impersonation?.user ?? requester;
    const watched = trail.audit === undefined ? request : trail.audit.watched(request);
    const seat = this.#takeSeat(watched, info, user);
    const taken = seat instanceof Promise ? await seat : seat;
    let seated = taken;
    try {
      await this.#authorize(info, user, trail);
      const response = await requestDeadline(this.#deps.registry.clock, watched, info, (bounded) =>
        this.#route(bounded, info, user, trail),
      );
      if (seated && isLong(response)) {
        holdSeat(seated, request, this.#deps.registry.clock);
        seated = undefined;
      }
      return response;
    } finally {
      seated?.leave();
    }
  }

  /** Waits for its turn where there is a crowd. Watches hold no seat: they last, and cost little. */
  #takeSeat(request: ApiRequest, info: RequestInfo, user: UserInfo): Promise<Seat> | Seat | undefined {
    const { flowControl, registry } = this.#deps;
    if (flowControl === undefined || info.target?.verb === 'watch') return undefined;
    const attributes = attributesOf(info, user);
    const seats = (): number =>
      attributes.kind === 'resource' ? requestSeats(registry, info, attributes, request.header('content-length')) : 1;
    return flowControl.enter(attributes, seats, () => request.signal);
  }

  /** Who asks. A failure is on record, too, as upstream's `WithFailedAuthenticationAudit`. */
  async #authenticate(request: ApiRequest, info: RequestInfo, trail: Trail): Promise<UserInfo> {
    const { authenticator, auditor } = this.#deps;
    try {
      const requester = await authenticator.authenticate(request, info);
      if (requester === undefined) throw new Error(`no authenticator answered for request ${trail.auditId}`);
      return requester;
    } catch (error) {
      trail.audit = auditor?.begin(request, attributesOf(info, NOBODY), trail.auditId, trail.receivedAt);
      throw error;
    }
  }

  async #authorize(info: RequestInfo, user: UserInfo, { audit }: Trail): Promise<void> {
    const attributes = attributesOf(info, user);
    const answer = this.#deps.authorizer.authorize(attributes);
    const { decision, reason } = answer instanceof Promise ? await answer : answer;
    const allowed = decision === 'allow';
    audit?.annotate('authorization.k8s.io/decision', allowed ? 'allow' : 'forbid');
    audit?.annotate('authorization.k8s.io/reason', reason);
    if (!allowed) throw forbiddenError(attributes, reason);
  }

  /** A write that would create where it was to change needs both rights, as upstream's `withAuthorization`. */
  async #authorizeCreation(info: RequestInfo, user: UserInfo): Promise<void> {
    const attributes = { ...attributesOf(info, user), verb: 'create' };
    const { decision, reason } = await this.#deps.authorizer.authorize(attributes);
    if (decision !== 'allow') throw forbiddenError(attributes, reason);
  }

  async #route(request: ApiRequest, info: RequestInfo, user: UserInfo, trail: Trail): Promise<ApiResponse> {
    const { target } = info;
    if (target === undefined || info.path.includes('//')) {
      return (await this.#deps.nonResource.handle(request, info, user)) ?? notFoundPage();
    }
    const { registry } = this.#deps;
    const type = registry.catalog.lookup(info.scope, target.group, target.version, target.resource);
    if (type === undefined || !isWithinScope(type, target)) return this.#unserved(info, target);
    checkPathNames(target);
    const subresource = type.subresources.get(target.subresource);
    const { warnings, audit } = trail;
    const annotate = audit && ((key: string, value: string) => audit.annotate(key, value));
    return dispatch({
      ...{ registry, request, info, target, type, subresource, user, warnings },
      mayCreate: () => this.#authorizeCreation(info, user),
      ...(annotate === undefined ? {} : { annotate }),
    });
  }

  /** A built-in version answers for its missing resources with a Status, anything else with a bare page. */
  #unserved(info: RequestInfo, target: ResourceTarget): ApiResponse {
    if (info.scope === ALL_CLUSTERS) throw unknownResource();
    const served = this.#deps.registry.catalog
      .builtins()
      .some(({ gvk }) => gvk.group === target.group && gvk.version === target.version);
    if (served) throw unknownResource();
    return notFoundPage();
  }

  async #answerError(request: ApiRequest, error: unknown, auditId: string): Promise<ApiResponse> {
    if (error instanceof TooBusy) return tooBusy();
    const status = this.#statusOf(request, error, auditId);
    return answerStatus(errorFormat(request), status, status.code ?? 500).then((response) => {
      const seconds = status.details?.retryAfterSeconds;
      return seconds ? { ...response, headers: { ...response.headers, 'retry-after': String(seconds) } } : response;
    });
  }

  #statusOf(request: ApiRequest, error: unknown, auditId: string): Status {
    const known = error instanceof StorageError ? statusOfStorageError(error, { group: '', resource: '' }, '') : error;
    if (known instanceof StatusError) return known.status;
    if (request.signal.aborted) return newServiceUnavailable('the request was cancelled').status;
    if (isTimeout(error)) return newTimeout('request did not complete within the allotted timeout', 0).status;
    this.#deps.onInternalError(error, auditId);
    return newInternalError(`see the server's log for request ${auditId}`).status;
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}

/** Names that no store key can have, as upstream's `path.IsValidPathSegmentName`. Throws 400. */
function checkPathNames(target: ResourceTarget): void {
  for (const name of [target.name, target.namespace]) {
    if (name === '' || /^[a-z0-9.-]+$/.test(name)) {
      if (name !== '.' && name !== '..') continue;
    }
    const faults = [...pathSegmentName(name), ...(name.includes('\u0000') ? ['may not contain NUL'] : [])];
    if (faults.length > 0) throw newBadRequest(`Name parameter invalid: ${goQuote(name)}: ${faults.join(';')}`);
  }
}

/** As upstream sends somebody away. */
function tooBusy(): ApiResponse {
  const page = plainText(429, 'Too many requests, please try again later.\n');
  return { ...page, headers: { ...page.headers, 'retry-after': String(BUSY_RETRY_SECONDS) } };
}

function notFoundPage(): ApiResponse {
  return plainText(404, '404 page not found\n');
}

/** Errors go out in the encoding the client asked for where that is possible, else as JSON. */
function errorFormat(request: ApiRequest): OutputFormat {
  try {
    const conversions = ['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList'] as const;
    return negotiate(request.header('accept'), { protobuf: true, conversions });
  } catch (error) {
    if (error instanceof StatusError) return ERROR_FORMAT;
    throw error;
  }
}

function auditIdOf(request: ApiRequest): string {
  const given = request.header('audit-id');
  if (given === undefined || given === '') return randomUUID();
  return given.slice(0, AUDIT_ID_LENGTH_MAX).replace(/[^\x21-\x7e]/g, '');
}

function withHeaders(response: ApiResponse, auditId: string, warnings: Warnings): ApiResponse {
  const warning = warnings.header();
  const headers = {
    'audit-id': auditId,
    'cache-control': 'no-cache, private',
    ...response.headers,
    ...(warning === undefined ? {} : { warning }),
  };
  return { ...response, headers };
}
