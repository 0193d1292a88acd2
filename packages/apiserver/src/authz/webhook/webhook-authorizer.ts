import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readString } from '@kcp/apimachinery/schema/read';
import { Expiring } from '../../authn/expiring.js';
import type { Clock } from '../../clock.js';
import { REVIEW_CACHE_ENTRIES_MAX } from '../../limits.js';
import { askReview } from '../../webhook/ask-review.js';
import type { RemoteEndpoint } from '../../webhook/remote-endpoint.js';
import type { AuthorizationAttributes, Authorizer, Decision } from '../authorizer.js';

/** Tells a webhook which logical cluster a question is about, as kcp does. */
const CLUSTER_EXTRA = 'authorization.kubernetes.io/cluster-name';
const NO_OPINION: Decision = { decision: 'noOpinion', reason: '' };
/** Longer questions are asked every time. */
const KEY_LENGTH_MAX = 10_000;

export interface WebhookAuthorizerOptions {
  readonly endpoint: RemoteEndpoint;
  readonly allowedMs: number;
  readonly refusedMs: number;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

/**
 * Asks a service of the operator's (`SubjectAccessReview` v1) and remembers what it said for a while. One that fails has
 * no opinion, as upstream.
 */
export class WebhookAuthorizer implements Authorizer {
  readonly #options: WebhookAuthorizerOptions;
  readonly #known: Expiring<Decision>;

  constructor(options: WebhookAuthorizerOptions) {
    this.#options = options;
    this.#known = new Expiring(REVIEW_CACHE_ENTRIES_MAX, options.clock);
  }

  authorize(attributes: AuthorizationAttributes): Promise<Decision> | Decision {
    const spec = specOf(attributes);
    const key = JSON.stringify(spec);
    return this.#known.get(key) ?? this.#ask(key, spec);
  }

  async #ask(key: string, spec: JsonObject): Promise<Decision> {
    const { endpoint, allowedMs, refusedMs, onError } = this.#options;
    const question = {
      kind: 'SubjectAccessReview',
      apiVersion: 'authorization.k8s.io/v1',
      metadata: { creationTimestamp: null },
      spec,
      status: { allowed: false },
    };
    try {
      const decision = decisionOf(await askReview(endpoint, question));
      const ms = decision.decision === 'allow' ? allowedMs : refusedMs;
      if (key.length <= KEY_LENGTH_MAX) this.#known.set(key, decision, ms);
      return decision;
    } catch (error) {
      onError(error);
      return NO_OPINION;
    }
  }
}

function decisionOf(status: JsonObject): Decision {
  const reason = readString(status, 'reason');
  if (status.denied === true) return { decision: 'deny', reason };
  return { decision: status.allowed === true ? 'allow' : 'noOpinion', reason };
}

function specOf(attributes: AuthorizationAttributes): JsonObject {
  const { user, scope } = attributes;
  const extra = Object.fromEntries(Object.entries(user.extra).map(([key, values]) => [key, [...values]]));
  return {
    ...targetOf(attributes),
    user: user.name,
    groups: [...user.groups],
    extra: { ...extra, [CLUSTER_EXTRA]: [scope] },
    ...(user.uid === '' ? {} : { uid: user.uid }),
  };
}

function targetOf(attributes: AuthorizationAttributes): JsonObject {
  if (attributes.kind === 'nonResource') {
    return { nonResourceAttributes: { path: attributes.path, verb: attributes.verb } };
  }
  const { namespace, verb, group, version, resource, subresource, name } = attributes;
  const members = Object.entries({ namespace, verb, group, version, resource, subresource, name });
  return { resourceAttributes: Object.fromEntries(members.filter(([, value]) => value !== '')) };
}
