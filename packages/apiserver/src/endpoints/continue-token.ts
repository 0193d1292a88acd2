import { newBadRequest } from '@kcp/apimachinery/errors/status-error';
import { isObject, type JsonValue } from '@kcp/apimachinery/json/value';
import { parseClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { ObjectKey } from '@kcp/storage/key';

/** Where the next page of a list begins, and of which revision it is; -1 means the newest (an inconsistent page). */
export interface ContinueToken {
  readonly revision: number;
  readonly after: ObjectKey;
}

export const INCONSISTENT = -1;
const VERSION = 'meta.k8s.io/v1';

/** Opaque to clients; the same members as upstream's, with the cluster in front of the key. */
export function encodeContinue({ revision, after }: ContinueToken): string {
  const start = `${after.cluster}/${after.namespace}/${after.name}\u0000`;
  return Buffer.from(JSON.stringify({ v: VERSION, rv: revision, start })).toString('base64url');
}

/** Throws 400 for what this server has not made. */
export function decodeContinue(text: string): ContinueToken {
  const token = parseToken(text);
  const start = isObject(token) && token.v === VERSION && typeof token.start === 'string' ? token.start : '';
  const [cluster = '', namespace, name, ...more] = start.replace(/\u0000$/, '').split('/');
  const revision = isObject(token) ? token.rv : undefined;
  const clusterName = parseClusterName(cluster);
  if (typeof revision !== 'number' || !clusterName || namespace === undefined || !name || more.length > 0) {
    throw newBadRequest('continue key is not valid: encoded continue token is not understood');
  }
  return { revision, after: { cluster: clusterName, namespace, name } };
}

function parseToken(text: string): JsonValue | undefined {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
