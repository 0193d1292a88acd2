import type { JsonObject, JsonValue } from '@kcp/apimachinery/json/value';
import type { UserInfo } from '../authn/user.js';
import type { AuthorizationAttributes } from '../authz/authorizer.js';
import { userInfoOf } from '../builtins/reviews/user-info.js';
import type { Clock } from '../clock.js';
import type { ApiRequest, ApiResponse, StreamSink } from '../http/exchange.js';
import { AUDIT_USER_AGENT_LENGTH_MAX } from '../limits.js';
import { bodyValue, completeReference, recordedStatus, withoutManagedFields } from './audited-object.js';
import type { AuditConfig, AuditStage } from './policy.js';
import { sourceAddresses } from './source-addresses.js';

/** Takes events; what it does with them is its own. Never throws and never waits. */
export interface AuditSink {
  /** For metrics. */
  readonly name: string;
  /** Events that were never written, since the start. */
  readonly lost: number;
  record(event: JsonObject): void;
  /** Writes what is still in its hands. */
  close(): Promise<void>;
}

export interface AuditSubject {
  readonly auditId: string;
  readonly request: ApiRequest;
  readonly attributes: AuthorizationAttributes;
  readonly config: AuditConfig;
  readonly receivedAt: number;
}

/** The record of one request: it collects what becomes known and hands out an event at each stage. */
export class RequestAudit {
  readonly #subject: AuditSubject;
  readonly #sinks: readonly AuditSink[];
  readonly #clock: Clock;
  readonly #annotations: Record<string, string> = {};
  #impersonated: { readonly user: UserInfo; readonly constraint: string } | undefined;
  #body: Buffer | undefined;

  constructor(subject: AuditSubject, sinks: readonly AuditSink[], clock: Clock) {
    this.#subject = subject;
    this.#sinks = sinks;
    this.#clock = clock;
    this.annotate('kcp.io/cluster', subject.attributes.scope);
    this.#emit('RequestReceived', {});
  }

  annotate(key: string, value: string): void {
    this.#annotations[key] = value;
  }

  impersonating(user: UserInfo, constraint: string): void {
    this.#impersonated = { user, constraint };
  }

  /** The request in a form that remembers the body that is read from it. */
  watched(request: ApiRequest): ApiRequest {
    const remember = (body: Buffer): Buffer => {
      this.#body = body;
      return body;
    };
    return {
      method: request.method,
      target: request.target,
      peer: request.peer,
      get signal() {
        return request.signal;
      },
      header: (name) => request.header(name),
      headersWith: (prefix) => request.headersWith(prefix),
      body: (maxBytes) => request.body(maxBytes).then(remember),
      over: (listener) => request.over(listener),
    };
  }

  /** Records an answer; of a stream, its start now and its end when it ends. Returns the answer to be sent. */
  answered(response: ApiResponse): ApiResponse {
    if (response.kind === 'bytes') {
      this.#emit('ResponseComplete', this.#exchange(response));
      return response;
    }
    const status = { responseStatus: { metadata: {}, code: response.status } };
    this.#emit('ResponseStarted', status);
    const ended = (): void => this.#emit('ResponseComplete', status);
    const run = (sink: StreamSink): void => {
      sink.onClose(ended);
      response.run(sink);
    };
    return { ...response, run };
  }

  #exchange(response: Extract<ApiResponse, { kind: 'bytes' }>): JsonObject {
    const { level, omitManagedFields } = this.#subject.config;
    const type = response.headers['content-type'] ?? '';
    const withResponse = level === 'RequestResponse' || response.status >= 400;
    const answer = withResponse ? bodyValue(Buffer.concat([...response.body]), type) : undefined;
    const shown: JsonObject = { responseStatus: recordedStatus(response.status, answer) };
    const requestObject = this.#requestObject();
    if (requestObject !== undefined && level !== 'Metadata') shown.requestObject = requestObject;
    if (answer !== undefined && level === 'RequestResponse') {
      shown.responseObject = omitManagedFields ? withoutManagedFields(answer) : answer;
    }
    return shown;
  }

  #requestObject(): JsonValue | undefined {
    if (this.#body === undefined || this.#body.length === 0) return undefined;
    const object = bodyValue(this.#body, this.#subject.request.header('content-type') ?? '');
    return object !== undefined && this.#subject.config.omitManagedFields ? withoutManagedFields(object) : object;
  }

  #emit(stage: AuditStage, more: JsonObject): void {
    if (this.#subject.config.omitStages.has(stage)) return;
    const event = { ...this.#event(stage), ...more };
    const ordered = { ...event, ...this.#times(), annotations: { ...this.#annotations } };
    for (const sink of this.#sinks) sink.record(ordered);
  }

  #event(stage: AuditStage): JsonObject {
    const { auditId, request, attributes, config } = this.#subject;
    const agent = request.header('user-agent') ?? '';
    const event: JsonObject = {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: config.level,
      auditID: auditId,
      stage,
      requestURI: request.target,
      verb: attributes.verb,
      user: userInfoOf(attributes.user),
    };
    if (this.#impersonated !== undefined) {
      event.impersonatedUser = userInfoOf(this.#impersonated.user);
      const { constraint } = this.#impersonated;
      if (constraint !== '') event.authenticationMetadata = { impersonationConstraint: constraint };
    }
    event.sourceIPs = sourceAddresses(request);
    if (agent !== '') event.userAgent = shortened(agent);
    if (attributes.kind === 'resource') {
      event.objectRef = completeReference(attributes, stage === 'RequestReceived' ? undefined : this.#requestObject());
    }
    return event;
  }

  #times(): JsonObject {
    return {
      requestReceivedTimestamp: microTime(this.#subject.receivedAt),
      stageTimestamp: microTime(this.#clock.now()),
    };
  }
}

function shortened(agent: string): string {
  return agent.length <= AUDIT_USER_AGENT_LENGTH_MAX
    ? agent
    : `${agent.slice(0, AUDIT_USER_AGENT_LENGTH_MAX)}...TRUNCATED`;
}

/** `metav1.MicroTime`. */
function microTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -1)}000Z`;
}
