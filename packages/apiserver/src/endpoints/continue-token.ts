import { newBadRequest } from '@kcp/apimachinery/errors/status-error';
import { parseJson } from '@kcp/apimachinery/json/parse';
import { JsonSyntaxError } from '@kcp/apimachinery/json/syntax-error';
import { jsonTypeName } from '@kcp/apimachinery/json/type-name';
import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
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
  const [version, revision, start] = [token.v ?? '', token.rv ?? 0, token.start ?? ''];
  if (version !== VERSION) throw invalid(` server does not recognize this encoded version ${String(version)}`);
  if (typeof revision !== 'number' || revision === 0) {
    throw invalid(` incorrect encoded start resourceVersion (version ${VERSION})`);
  }
  if (typeof start !== 'string' || start === '') throw invalid(` encoded start key empty (version ${VERSION})`);
  const [cluster = '', namespace, name, ...more] = start.replace(/\u0000$/, '').split('/');
  const clusterName = parseClusterName(cluster);
  if (!clusterName || namespace === undefined || !name || more.length > 0) throw invalid(` ${start}`);
  return { revision, after: { cluster: clusterName, namespace, name } };
}

function parseToken(text: string): JsonObject {
  const odd = text.search(/[^\w-]/);
  if (odd >= 0) throw invalid(` illegal base64 data at input byte ${odd}`);
  try {
    const { value } = parseJson(Buffer.from(text, 'base64url').toString('utf8'));
    if (isObject(value)) return value;
    throw invalid(` json: cannot unmarshal ${jsonTypeName(value)} into Go value of type storage.continueToken`);
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw invalid(` ${error.message}`);
    throw error;
  }
}

function invalid(why: string): Error {
  return newBadRequest(`invalid continue token: continue key is not valid:${why}`);
}
