import type { AuthorizationAttributes } from '../authz/authorizer.js';
import type { Clock } from '../clock.js';
import type { ApiRequest } from '../http/exchange.js';
import type { AuditPolicy } from './policy.js';
import { type AuditSink, RequestAudit } from './request-audit.js';

/** Puts requests on record as a policy says. */
export class Auditor {
  readonly #policy: AuditPolicy;
  readonly #sinks: readonly AuditSink[];
  readonly #clock: Clock;

  constructor(policy: AuditPolicy, sinks: readonly AuditSink[], clock: Clock) {
    this.#policy = policy;
    this.#sinks = sinks;
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  /** Begins the record of a request, of which this much is known; undefined where the policy wants none. */
  begin(
    request: ApiRequest,
    attributes: AuthorizationAttributes,
    auditId: string,
    receivedAt: number,
  ): RequestAudit | undefined {
    const config = this.#policy.configFor(attributes);
    if (config.level === 'None') return undefined;
    return new RequestAudit({ auditId, request, attributes, config, receivedAt }, this.#sinks, this.#clock);
  }

  async close(): Promise<void> {
    await Promise.all(this.#sinks.map((sink) => sink.close()));
  }
}
