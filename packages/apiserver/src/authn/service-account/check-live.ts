import { timingSafeEqual } from 'node:crypto';
import { StatusError } from '@kcp/apimachinery/errors/status-error';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import { readObject, readString } from '@kcp/apimachinery/schema/read';
import type { CachedObject } from '@kcp/storage/cache';
import { newMemoSlot } from '@kcp/storage/watch-cache/memo';
import { LEEWAY_MS } from '../jwt/registered-claims.js';
import { TokenFault } from '../token.js';
import type { AccountClaims, ObjectRef } from './account-claims.js';
import type { LiveObject, LiveObjects } from './live-objects.js';

const INVALIDATED = 'service account token has been invalidated';
const INVALID_SINCE = 'kubernetes.io/legacy-token-invalid-since';

/** The resources whose objects a token must be held against. */
export function checkedResources({ bound, legacySecret }: AccountClaims): readonly string[] {
  return [
    'serviceaccounts',
    ...(bound.secret !== undefined || legacySecret !== undefined ? ['secrets'] : []),
    ...(bound.pod === undefined ? [] : ['pods']),
    ...(bound.node === undefined || bound.pod !== undefined ? [] : ['nodes']),
  ];
}

/** Throws TokenFault when the account or an object that the token is bound to is gone or another one by now. */
export function checkBound(objects: LiveObjects, cluster: ClusterName, claims: AccountClaims, now: number): void {
  const { namespace, account, bound } = claims;
  const live = objects.find(cluster, 'serviceaccounts', namespace, account.name);
  if (live.uid !== account.uid || account.uid === '') {
    throw new TokenFault(`service account UID (${live.uid}) does not match claim (${account.uid})`);
  }
  if (isGone(live, now)) throw new TokenFault(`service account ${namespace}/${account.name} has been deleted`);
  const check = (resource: string, kind: string, ref: ObjectRef | undefined): void => {
    if (ref !== undefined) checkRef(() => objects.find(cluster, resource, namespace, ref.name), kind, ref, now);
  };
  check('secrets', 'secret', bound.secret);
  check('pods', 'pod', bound.pod);
  if (bound.pod === undefined) check('nodes', 'node', bound.node);
}

function checkRef(find: () => LiveObject, kind: string, ref: ObjectRef, now: number): void {
  const live = orInvalid(find, INVALIDATED);
  if (live.uid !== ref.uid) {
    throw new TokenFault(`${kind} UID (${live.uid}) does not match service account ${kind} ref claim (${ref.uid})`);
  }
  if (isGone(live, now)) throw new TokenFault(INVALIDATED);
}

/** The same for a token that lives in a Secret, which must hold this very token. Throws TokenFault. */
export function checkLegacy(objects: LiveObjects, cluster: ClusterName, claims: AccountClaims, token: string): void {
  const { namespace, account, legacySecret = '' } = claims;
  for (const [name, value] of Object.entries({
    namespace,
    secretName: legacySecret,
    serviceAccountName: account.name,
    serviceAccountUID: account.uid,
  })) {
    if (value === '') throw new TokenFault(`${name} claim is missing`);
  }
  const secret = orInvalid(
    () => objects.find(cluster, 'secrets', namespace, legacySecret),
    'Token has been invalidated',
  );
  if (secret.deletedAt !== undefined) throw new TokenFault('Token has been invalidated');
  if (!sameToken(secret.cached, token)) throw new TokenFault("Token does not match server's copy");
  const live = objects.find(cluster, 'serviceaccounts', namespace, account.name);
  if (live.deletedAt !== undefined)
    throw new TokenFault(`ServiceAccount ${namespace}/${account.name} has been deleted`);
  if (live.uid !== account.uid) {
    throw new TokenFault(`ServiceAccount UID (${live.uid}) does not match claim (${account.uid})`);
  }
  if (secret.cached.labels()[INVALID_SINCE]) {
    throw new TokenFault(
      `the token in secret ${namespace}/${legacySecret} for service account ${namespace}/${account.name} has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the '${INVALID_SINCE}' label from the secret to temporarily allow use of this token`,
    );
  }
}

const tokenSlot = newMemoSlot<Buffer>('account-token');

function sameToken(secret: CachedObject, token: string): boolean {
  const kept = secret.memo(tokenSlot, () =>
    Buffer.from(readString(readObject(secret.parse(), 'data') ?? {}, 'token'), 'base64'),
  );
  const shown = Buffer.from(token, 'utf8');
  return kept.length === shown.length && timingSafeEqual(kept, shown);
}

/** What was deleted a while ago and is only awaiting its removal counts as gone. */
function isGone({ deletedAt }: LiveObject, now: number): boolean {
  return deletedAt !== undefined && deletedAt < now - LEEWAY_MS;
}

function orInvalid(find: () => LiveObject, why: string): LiveObject {
  try {
    return find();
  } catch (error) {
    if (error instanceof StatusError) throw new TokenFault(why);
    throw error;
  }
}
