import { timingSafeEqual } from 'node:crypto';
import { StatusError } from '@kcp/apimachinery/errors/status-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { ALL_CLUSTERS, type ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import { readObject, readString } from '@kcp/apimachinery/schema/read';
import { newMemoSlot } from '@kcp/storage/watch-cache/memo';
import type { Clock } from '../clock.js';
import type { LiveObject, LiveObjects } from './service-account/live-objects.js';
import type { TokenAuthenticator, TokenIdentity, TokenQuestion } from './token.js';

const TOKEN = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const TYPE = 'bootstrap.kubernetes.io/token';
const NAMESPACE = 'kube-system';
const GROUP = 'system:bootstrappers';
const EXTRA_GROUP = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

interface BootstrapSecret {
  readonly type: string;
  entry(name: string): string;
}

const slot = newMemoSlot<BootstrapSecret>('bootstrap-token');

/**
 * Knows the tokens with which machines introduce themselves: `ID.SECRET`, kept in a Secret of kube-system of the same
 * logical cluster (upstream's `bootstrap`). What such a Secret does not allow counts as no token at all.
 */
export class BootstrapTokens implements TokenAuthenticator {
  readonly #objects: LiveObjects;
  readonly #clock: Clock;

  constructor(objects: LiveObjects, clock: Clock) {
    this.#objects = objects;
    this.#clock = clock;
  }

  authenticateToken(
    token: string,
    { scope }: TokenQuestion,
  ): Promise<TokenIdentity | undefined> | TokenIdentity | undefined {
    const [, id = '', secret = ''] = TOKEN.exec(token) ?? [];
    if (id === '' || scope === ALL_CLUSTERS) return undefined;
    if (this.#objects.isLoaded(scope, 'secrets')) return this.#identify(scope, id, secret);
    return this.#objects.load(scope, 'secrets').then(() => this.#identify(scope, id, secret));
  }

  #identify(cluster: ClusterName, id: string, secret: string): TokenIdentity | undefined {
    const live = this.#find(cluster, id);
    if (live === undefined || live.deletedAt !== undefined) return undefined;
    const kept = live.cached.memo(slot, () => readSecret(live.cached.parse()));
    if (kept.type !== TYPE || kept.entry('token-id') !== id || !same(kept.entry('token-secret'), secret))
      return undefined;
    if (kept.entry('usage-bootstrap-authentication') !== 'true' || this.#isOver(kept.entry('expiration'))) {
      return undefined;
    }
    const named = kept
      .entry('auth-extra-groups')
      .split(',')
      .filter((group) => group !== '');
    if (named.some((group) => !EXTRA_GROUP.test(group))) return undefined;
    return {
      user: { name: `system:bootstrap:${id}`, uid: '', groups: [GROUP, ...named], extra: {} },
      audiences: undefined,
    };
  }

  #find(cluster: ClusterName, id: string): LiveObject | undefined {
    try {
      return this.#objects.find(cluster, 'secrets', NAMESPACE, `bootstrap-token-${id}`);
    } catch (error) {
      if (error instanceof StatusError) return undefined;
      throw error;
    }
  }

  /** An end that cannot be understood is an end. */
  #isOver(expiration: string): boolean {
    return expiration !== '' && !(this.#clock.now() < Date.parse(expiration));
  }
}

function readSecret(secret: JsonObject): BootstrapSecret {
  const data = readObject(secret, 'data') ?? {};
  const entry = (name: string): string => Buffer.from(readString(data, name), 'base64').toString('utf8');
  return { type: readString(secret, 'type'), entry };
}

function same(kept: string, shown: string): boolean {
  const [a, b] = [Buffer.from(kept, 'utf8'), Buffer.from(shown, 'utf8')];
  return a.length === b.length && timingSafeEqual(a, b);
}
