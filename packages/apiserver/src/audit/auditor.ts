import type { AuthorizationAttributes } from '../authz/authorizer.js';
import type { Clock } from '../clock.js';
import type { ApiRequest } from '../http/exchange.js';
import { type Metric, ValueMetric } from '../metrics/metric.js';
import type { AuditPolicy } from './policy.js';
import { type AuditSink, RequestAudit } from './request-audit.js';

/** Puts requests on record as a policy says. */
export class Auditor {
  readonly #policy: AuditPolicy;
  readonly #sinks: readonly AuditSink[];
  /** The sinks, and what counts. */
  readonly #recorders: readonly AuditSink[];
  readonly #clock: Clock;
  readonly #levels = new ValueMetric('counter', 'apiserver_audit_level_total', 'Requests put on record.', ['level']);
  readonly #events = new ValueMetric('counter', 'apiserver_audit_event_total', 'Events put on record.');
  readonly #lost = new ValueMetric('counter', 'apiserver_audit_error_total', 'Events that were lost.', ['plugin']);

  constructor(policy: AuditPolicy, sinks: readonly AuditSink[], clock: Clock) {
    this.#policy = policy;
    const counting = { name: 'metrics', lost: 0, record: () => this.#events.add(1), close: async () => {} };
    this.#sinks = sinks;
    this.#recorders = [counting, ...sinks];
    this.#events.add(0);
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
    this.#levels.add(1, [config.level]);
    if (config.level === 'None') return undefined;
    return new RequestAudit({ auditId, request, attributes, config, receivedAt }, this.#recorders, this.#clock);
  }

  /** What was recorded and what was lost, under upstream's names. */
  metrics(): readonly Metric[] {
    for (const { name, lost } of this.#sinks) this.#lost.set(lost, [name]);
    return [this.#levels, this.#events, this.#lost];
  }

  async close(): Promise<void> {
    await Promise.all(this.#sinks.map((sink) => sink.close()));
  }
}
