import { filePath, given, parseCount } from './flag-values.js';
import { invalidValue, UsageFault } from './read-flags.js';
import type { AuditConfig, AuditLogConfig } from './server-config.js';

type Values = ReadonlyMap<string, string>;

const COUNT_MAX = 1_000_000;
const SIZE_MIB = 100;

/** What the flags say of the audit; undefined without a policy. Throws UsageFault. */
export function auditConfig(values: Values): AuditConfig | undefined {
  const policyFile = filePath(values, 'audit-policy-file');
  const log = auditLog(values);
  const webhookFile = filePath(values, 'audit-webhook-config-file');
  if (policyFile !== undefined) return { policyFile, ...given({ log, webhookFile }) };
  if (log === undefined && webhookFile === undefined) return undefined;
  throw new UsageFault('an audit needs --audit-policy-file');
}

function auditLog(values: Values): AuditLogConfig | undefined {
  const path = filePath(values, 'audit-log-path');
  if (path === undefined) return undefined;
  const mode = values.get('audit-log-mode') ?? 'blocking';
  if (mode !== 'blocking' && mode !== 'batch') throw invalidValue('audit-log-mode', mode, 'must be blocking or batch');
  return {
    path,
    mode,
    maxSizeMib: count(values, 'audit-log-maxsize', SIZE_MIB),
    maxBackups: count(values, 'audit-log-maxbackup', 0),
    maxAgeDays: count(values, 'audit-log-maxage', 0),
  };
}

function count(values: Values, name: string, otherwise: number): number {
  const text = values.get(name);
  return text === undefined ? otherwise : parseCount(name, text, 0, COUNT_MAX);
}
