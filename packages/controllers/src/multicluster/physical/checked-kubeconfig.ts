import { createPrivateKey, X509Certificate } from 'node:crypto';
import { parseYaml } from '@kcp/apimachinery/codec/yaml';
import { isObject, type JsonObject, type JsonValue } from '@kcp/apimachinery/json/value';
import { readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import type { Kubeconfig, KubeconfigUser } from '@kcp/client/kubeconfig/kubeconfig';
import { parseKubeconfig } from '@kcp/client/kubeconfig/parse-kubeconfig';
import { resolveContext, type ServerAccess } from '@kcp/client/kubeconfig/resolve-context';
import { KUBECONFIG_LENGTH_MAX } from '../limits.js';

/** A kubeconfig that no client is made of. `reason` stands in the Ready condition. */
export class KubeconfigRefusal extends Error {
  readonly reason: 'InvalidKubeConfig' | 'ErrorCreatingClient' | 'ClientCertificateExpired';

  constructor(reason: KubeconfigRefusal['reason'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KubeconfigRefusal';
    this.reason = reason;
  }
}

/** Ways to log in that would run a program or load code here. */
const PROGRAMS = ['exec', 'auth-provider'];

/**
 * What the current context of a kubeconfig amounts to. The text comes from a tenant, so nothing of it may touch this
 * machine: no program is run, no file is read, only HTTPS is spoken. Throws KubeconfigRefusal.
 */
export function checkKubeconfig(text: string, nowMs: number): ServerAccess {
  const value = parsed(text);
  refusePrograms(value);
  const config = attempt('InvalidKubeConfig', () => parseKubeconfig(value));
  refuseFiles(config);
  // Nothing is read from the directory: files were refused.
  const access = attempt('InvalidKubeConfig', () => resolveContext(config, '/'));
  checkServer(access);
  checkMaterial(access, nowMs);
  return access;
}

function parsed(text: string): JsonObject {
  if (text.length > KUBECONFIG_LENGTH_MAX) {
    throw new KubeconfigRefusal('InvalidKubeConfig', `longer than ${KUBECONFIG_LENGTH_MAX} characters`);
  }
  const value: JsonValue = attempt('InvalidKubeConfig', () => parseYaml(text).value);
  if (isObject(value)) return value;
  throw new KubeconfigRefusal('InvalidKubeConfig', 'a kubeconfig must be an object');
}

function refusePrograms(config: JsonObject): void {
  for (const entry of readObjects(config, 'users')) {
    const user = readObject(entry, 'user') ?? {};
    const found = PROGRAMS.find((member) => Object.hasOwn(user, member));
    if (found === undefined) continue;
    throw new KubeconfigRefusal(
      'InvalidKubeConfig',
      `user ${JSON.stringify(readString(entry, 'name'))} logs in with ${found}, which would run a program here`,
    );
  }
  for (const entry of readObjects(config, 'clusters')) {
    if (Object.hasOwn(readObject(entry, 'cluster') ?? {}, 'proxy-url')) {
      throw new KubeconfigRefusal('InvalidKubeConfig', 'proxy-url is not supported');
    }
  }
}

/** Files would be those of this machine, not of whoever wrote the kubeconfig. */
function refuseFiles({ clusters, users }: Kubeconfig): void {
  for (const [name, { authority }] of clusters) {
    if (authority?.kind === 'file') throw fileRefusal(`cluster ${JSON.stringify(name)}`, authority.path);
  }
  for (const [name, user] of users) {
    const file = userMaterial(user).find((material) => material?.kind === 'file');
    if (file?.kind === 'file') throw fileRefusal(`user ${JSON.stringify(name)}`, file.path);
  }
}

function userMaterial({ certificate, key, token }: KubeconfigUser) {
  return [certificate, key, token];
}

function fileRefusal(who: string, path: string): KubeconfigRefusal {
  const message = `${who} refers to the file ${JSON.stringify(path)}: embed its data (kubectl config view --flatten)`;
  return new KubeconfigRefusal('InvalidKubeConfig', message);
}

function checkServer({ server }: ServerAccess): void {
  const url = attempt('InvalidKubeConfig', () => new URL(server));
  if (url.protocol === 'https:' && url.username === '' && url.search === '' && url.hash === '') return;
  throw new KubeconfigRefusal('InvalidKubeConfig', 'server must be an https URL without credentials or query');
}

function checkMaterial({ authority, certificate, key }: ServerAccess, nowMs: number): void {
  if (authority !== undefined) pem('certificate-authority-data', () => new X509Certificate(authority));
  if ((certificate === undefined) !== (key === undefined)) {
    throw new KubeconfigRefusal('ErrorCreatingClient', 'client-certificate-data and client-key-data belong together');
  }
  if (certificate === undefined || key === undefined) return;
  const own = pem('client-certificate-data', () => new X509Certificate(certificate));
  const secret = pem('client-key-data', () => createPrivateKey(key));
  if (!own.checkPrivateKey(secret)) {
    throw new KubeconfigRefusal('ErrorCreatingClient', 'client-key-data is not the key of client-certificate-data');
  }
  if (Date.parse(own.validTo) < nowMs) {
    throw new KubeconfigRefusal('ClientCertificateExpired', `the client certificate was good until ${own.validTo}`);
  }
}

function pem<T>(member: string, read: () => T): T {
  return attempt('ErrorCreatingClient', read, `${member} is no PEM: `);
}

function attempt<T>(reason: KubeconfigRefusal['reason'], action: () => T, prefix = ''): T {
  try {
    return action();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new KubeconfigRefusal(reason, `${prefix}${why}`, { cause: error });
  }
}
