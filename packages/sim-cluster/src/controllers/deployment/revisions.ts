import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { leewayOf, replicasWanted } from './plan.js';

export const REVISION = 'deployment.kubernetes.io/revision';
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';
/** Annotations of a deployment that its replica sets do not take over. */
const OWN: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  'deprecated.deployment.rollback.to',
]);

export function revisionOf(object: KubeObject): number {
  return Number(object.metadata.annotations?.[REVISION] ?? 0) || 0;
}

/** The number of the next revision: one more than any of the old sets has. */
export function nextRevision(old: readonly KubeObject[]): number {
  return 1 + Math.max(0, ...old.map(revisionOf));
}

/** The annotations of the set of the present template. */
export function setAnnotations(
  deployment: KubeObject,
  current: KubeObject | undefined,
  revision: number,
): Record<string, string> {
  const own = current?.metadata.annotations ?? {};
  const taken = Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !OWN.has(key));
  const before = current === undefined ? 0 : revisionOf(current);
  // A set that is rolled back to keeps a higher number when it has one already.
  const now = Math.max(before, revision);
  return {
    ...own,
    ...Object.fromEntries(taken),
    [REVISION]: String(now),
    ...(before > 0 && now > before ? { [REVISION_HISTORY]: history(own[REVISION_HISTORY], before) } : {}),
    ...replicaAnnotations(deployment),
  };
}

/** What the deployment wanted when the set was last scaled. */
export function replicaAnnotations(deployment: KubeObject): Record<string, string> {
  const wanted = replicasWanted(deployment);
  return { [DESIRED_REPLICAS]: String(wanted), [MAX_REPLICAS]: String(wanted + leewayOf(deployment).surge) };
}

function history(before: string | undefined, revision: number): string {
  return before === undefined || before === '' ? String(revision) : `${before},${revision}`;
}
