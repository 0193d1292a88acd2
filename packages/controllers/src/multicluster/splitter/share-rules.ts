import { WEIGHT_MAX } from './distribute.js';
import { REPLICAS_MAX } from './limits.js';

/** `kcp.dev/weight.<cluster>` on a root: how much the cluster takes in proportion to the others (1). */
export const WEIGHT_PREFIX = 'kcp.dev/weight.';
/** `kcp.dev/max-replicas.<cluster>` on a root: the most that the cluster takes. */
export const MAX_REPLICAS_PREFIX = 'kcp.dev/max-replicas.';

const WEIGHT = 1;
const WHOLE = /^\d{1,10}$/;

/** What a root says of the clusters that may take its replicas. */
export interface ShareRules {
  readonly weights: ReadonlyMap<string, number>;
  readonly maxima: ReadonlyMap<string, number>;
  /** Annotations that say nothing that makes sense. */
  readonly wrong: readonly string[];
}

const NO_RULES: ShareRules = { weights: new Map(), maxima: new Map(), wrong: [] };

export function shareRules(annotations: Readonly<Record<string, string>> = {}): ShareRules {
  const weights = new Map<string, number>();
  const maxima = new Map<string, number>();
  const wrong: string[] = [];
  for (const [name, text] of Object.entries(annotations)) {
    const [map, prefix, most] = name.startsWith(WEIGHT_PREFIX)
      ? ([weights, WEIGHT_PREFIX, WEIGHT_MAX] as const)
      : ([maxima, MAX_REPLICAS_PREFIX, REPLICAS_MAX] as const);
    if (!name.startsWith(prefix)) continue;
    if (WHOLE.test(text) && Number(text) <= most) map.set(name.slice(prefix.length), Number(text));
    else wrong.push(name);
  }
  return weights.size + maxima.size + wrong.length === 0 ? NO_RULES : { weights, maxima, wrong };
}

export function weightOf({ weights }: ShareRules, cluster: string): number {
  return weights.get(cluster) ?? WEIGHT;
}

export function maxOf({ maxima }: ShareRules, cluster: string): number {
  return maxima.get(cluster) ?? REPLICAS_MAX;
}

export function isShareRule(annotation: string): boolean {
  return annotation.startsWith(WEIGHT_PREFIX) || annotation.startsWith(MAX_REPLICAS_PREFIX);
}
