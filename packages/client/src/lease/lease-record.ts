import { formatGoMicroTime } from '@kcp/apimachinery/codec/go-time';
import { deepEqual, type JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readNumber, readObject, readString } from '@kcp/apimachinery/schema/read';

export const LEASES = { group: 'coordination.k8s.io', version: 'v1', resource: 'leases' };

/** What a lease says of who leads. Times are as the API writes them. */
export interface LeaseRecord {
  /** Empty: nobody. */
  readonly holder: string;
  readonly durationSeconds: number;
  readonly acquireTime: string;
  readonly renewTime: string;
  readonly transitions: number;
}

export function recordOf(lease: KubeObject): LeaseRecord {
  const spec = readObject(lease, 'spec') ?? {};
  return {
    holder: readString(spec, 'holderIdentity'),
    durationSeconds: readNumber(spec, 'leaseDurationSeconds') ?? 0,
    acquireTime: readString(spec, 'acquireTime'),
    renewTime: readString(spec, 'renewTime'),
    transitions: readNumber(spec, 'leaseTransitions') ?? 0,
  };
}

/** The lease with another record; what else it says stays. */
export function withRecord(lease: KubeObject, record: LeaseRecord): KubeObject {
  const spec: JsonObject = {
    ...readObject(lease, 'spec'),
    holderIdentity: record.holder,
    leaseDurationSeconds: record.durationSeconds,
    acquireTime: record.acquireTime,
    renewTime: record.renewTime,
    leaseTransitions: record.transitions,
  };
  return { ...lease, spec };
}

export function sameRecord(a: LeaseRecord, b: LeaseRecord): boolean {
  return deepEqual({ ...a }, { ...b });
}

/** A time with microseconds, as leases have it. */
export function leaseTime(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  return formatGoMicroTime({ seconds, nanos: Math.round((ms - seconds * 1_000) * 1_000_000) });
}
