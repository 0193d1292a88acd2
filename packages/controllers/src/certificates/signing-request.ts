import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readString } from '@kcp/apimachinery/schema/read';
import { conditionsOf } from '../controller/conditions.js';
import { PENDING_REQUEST_MS, SETTLED_REQUEST_MS } from '../limits.js';

export const REQUESTS = { group: 'certificates.k8s.io', version: 'v1', resource: 'certificatesigningrequests' };

/** What is kept of a request. */
export interface RequestDigest {
  readonly signerName: string;
  readonly approved: boolean;
  readonly denied: boolean;
  readonly failed: boolean;
  readonly issued: boolean;
  /** When it is cleaned away, in milliseconds since 1970; undefined: not by its age. */
  readonly expiresMs: number | undefined;
}

export function specOf(request: KubeObject): JsonObject {
  return readObject(request, 'spec') ?? {};
}

export function certificateOf(request: KubeObject): string {
  return readString(readObject(request, 'status') ?? {}, 'certificate');
}

export function digestOf(request: KubeObject): RequestDigest {
  const conditions = conditionsOf(readObject(request, 'status') ?? {});
  const since = (type: string) => conditions.find((condition) => readString(condition, 'type') === type);
  const [approved, denied, failed] = [since('Approved'), since('Denied'), since('Failed')];
  const issued = certificateOf(request) !== '';
  const ends = [
    ...(conditions.length === 0 ? [timeOf(request.metadata.creationTimestamp) + PENDING_REQUEST_MS] : []),
    ...(approved !== undefined && issued ? [timeOf(approved.lastUpdateTime) + SETTLED_REQUEST_MS] : []),
    ...[denied, failed].flatMap((one) => (one === undefined ? [] : [timeOf(one.lastUpdateTime) + SETTLED_REQUEST_MS])),
  ].filter((end) => !Number.isNaN(end));
  return {
    signerName: readString(specOf(request), 'signerName'),
    approved: approved !== undefined,
    denied: denied !== undefined,
    failed: failed !== undefined,
    issued,
    expiresMs: ends.length === 0 ? undefined : Math.min(...ends),
  };
}

/** NaN for what is no time. */
function timeOf(value: unknown): number {
  return typeof value === 'string' ? Date.parse(value) : Number.NaN;
}
