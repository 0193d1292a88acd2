import { getOwn, isObject, type JsonObject, type JsonValue } from '@kcp/apimachinery/json/value';
import {
  type Kubeconfig,
  type KubeconfigCluster,
  type KubeconfigContext,
  KubeconfigFault,
  type KubeconfigUser,
  type Material,
} from './kubeconfig.js';

const ENTRIES_MAX = 10_000;

/**
 * Understands a decoded kubeconfig. Members that we have no use for are passed over; ways to log in that we do not have
 * (`exec`, `auth-provider`, basic) are refused only when such a user is used. Throws KubeconfigFault.
 */
export function parseKubeconfig(value: JsonValue): Kubeconfig {
  if (!isObject(value)) throw new KubeconfigFault('a kubeconfig must be an object');
  return {
    currentContext: text(value, 'current-context', 'kubeconfig'),
    contexts: named(value, 'contexts', 'context', parseContext),
    clusters: named(value, 'clusters', 'cluster', parseCluster),
    users: named(value, 'users', 'user', parseUser),
  };
}

function named<T>(
  config: JsonObject,
  list: string,
  member: string,
  parse: (entry: JsonObject, where: string) => T,
): ReadonlyMap<string, T> {
  const entries = getOwn(config, list) ?? null;
  if (entries === null) return new Map();
  if (!Array.isArray(entries) || entries.length > ENTRIES_MAX) throw new KubeconfigFault(`${list} must be a list`);
  const found = new Map<string, T>();
  for (const [i, entry] of entries.entries()) {
    const where = `${list}[${i}]`;
    if (!isObject(entry)) throw new KubeconfigFault(`${where} must be an object`);
    const name = required(entry, 'name', where);
    // The first of a name counts, as in kubectl.
    if (!found.has(name)) found.set(name, parse(memberObject(entry, member, where), `${where}.${member}`));
  }
  return found;
}

function memberObject(entry: JsonObject, member: string, where: string): JsonObject {
  const value = getOwn(entry, member) ?? null;
  if (value === null) return {};
  if (!isObject(value)) throw new KubeconfigFault(`${where}.${member} must be an object`);
  return value;
}

function parseContext(entry: JsonObject, where: string): KubeconfigContext {
  return {
    cluster: required(entry, 'cluster', where),
    user: text(entry, 'user', where) ?? '',
    namespace: text(entry, 'namespace', where),
  };
}

function parseCluster(entry: JsonObject, where: string): KubeconfigCluster {
  return {
    server: required(entry, 'server', where),
    serverName: text(entry, 'tls-server-name', where),
    skipVerify: getOwn(entry, 'insecure-skip-tls-verify') === true,
    authority: material(entry, 'certificate-authority', where),
  };
}

function parseUser(entry: JsonObject, where: string): KubeconfigUser {
  const token = text(entry, 'token', where);
  const tokenFile = text(entry, 'tokenFile', where);
  return {
    certificate: material(entry, 'client-certificate', where),
    key: material(entry, 'client-key', where),
    token:
      token !== undefined
        ? { kind: 'token', token }
        : tokenFile !== undefined
          ? { kind: 'file', path: tokenFile }
          : undefined,
  };
}

function material(entry: JsonObject, name: string, where: string): Material | undefined {
  const data = text(entry, `${name}-data`, where);
  if (data !== undefined) return { kind: 'data', pem: Buffer.from(data, 'base64').toString('utf8') };
  const path = text(entry, name, where);
  return path === undefined ? undefined : { kind: 'file', path };
}

function required(entry: JsonObject, name: string, where: string): string {
  const value = text(entry, name, where);
  if (value === undefined) throw new KubeconfigFault(`${where}.${name} is missing`);
  return value;
}

/** A text that is empty counts as missing, as in Go. */
function text(entry: JsonObject, name: string, where: string): string | undefined {
  const value = getOwn(entry, name) ?? '';
  if (typeof value !== 'string') throw new KubeconfigFault(`${where}.${name} must be a text`);
  return value === '' ? undefined : value;
}
