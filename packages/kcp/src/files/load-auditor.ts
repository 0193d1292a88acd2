import { readFileSync } from 'node:fs';
import { parseYaml } from '@kcp/apimachinery/codec/yaml';
import { Auditor } from '@kcp/apiserver/audit/auditor';
import { LogSink } from '@kcp/apiserver/audit/log-sink';
import { parseAuditPolicy } from '@kcp/apiserver/audit/parse-policy';
import type { AuditSink } from '@kcp/apiserver/audit/request-audit';
import { WebhookSink } from '@kcp/apiserver/audit/webhook-sink';
import type { Clock } from '@kcp/apiserver/clock';
import type { AuditConfig, AuditLogConfig } from '../config/server-config.js';
import type { Log } from '../log/log.js';
import { loadEndpoint } from './load-endpoint.js';

const MIB = 1024 * 1024;
const DAY_MS = 24 * 60 * 60 * 1_000;

/**
 * What puts requests on record as the operator wants it. Throws AuditPolicyError, KubeconfigFault and what the system
 * says of files.
 */
export function loadAuditor({ policyFile, log: logConfig, webhookFile }: AuditConfig, clock: Clock, log: Log): Auditor {
  const policy = parseAuditPolicy(parseYaml(readFileSync(policyFile, 'utf8')).value);
  const onError = (error: unknown): void => log.error('audit events were lost', { error });
  const sinks: AuditSink[] = [];
  if (logConfig !== undefined) sinks.push(logSink(logConfig, clock, onError));
  if (webhookFile !== undefined) sinks.push(new WebhookSink(loadEndpoint(webhookFile), clock, onError));
  return new Auditor(policy, sinks, clock);
}

function logSink(config: AuditLogConfig, clock: Clock, onError: (error: unknown) => void): LogSink {
  const { path, maxSizeMib, maxBackups, maxAgeDays, mode } = config;
  return new LogSink({
    path,
    bytesMax: maxSizeMib * MIB,
    backupsMax: maxBackups,
    ageMs: maxAgeDays * DAY_MS,
    mode,
    clock,
    onError,
  });
}
