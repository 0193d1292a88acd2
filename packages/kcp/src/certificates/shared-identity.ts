import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { parseStoredJson } from '@kcp/apimachinery/json/parse';
import { isObject } from '@kcp/apimachinery/json/value';
import { POLICY_CLUSTER } from '@kcp/apimachinery/meta/cluster-name';
import { isStorageError } from '@kcp/storage/errors';
import { objectKey } from '@kcp/storage/key';
import type { Store, StoredValue } from '@kcp/storage/store';
import { ACCOUNT_KEY_FILE, keptKey } from './account-identity.js';
import { ensureAuthority } from './ensure-certificates.js';
import { CertificateFault, certificatePath, keyPath } from './kept-pair.js';
import { writePrivateFile } from './private-file.js';

/** A Secret that only those see who may do everything; encrypted in the store where Secrets are. */
const SECRETS = { group: '', resource: 'secrets', custom: false, namespaced: true };
const NAME = { cluster: POLICY_CLUSTER, namespace: 'kube-system', name: 'kcp-server-identity' };
const KEY = objectKey(SECRETS, NAME);
/** Servers that start at the same time; each loses at most once to each other one. */
const TRIES_MAX = 20;

/** PEM texts by name within the Secret. */
type Material = Readonly<Record<string, string>>;

/**
 * Makes the servers of one store believe each other's certificates and service-account tokens: the authority and the
 * key of the first one lie in the store, and every other one puts them into `directory`, in place of what is there.
 * `now` in milliseconds since 1970. Rejects with StorageError and CertificateFault.
 */
export async function shareIdentity(store: Store, directory: string, now: number): Promise<void> {
  const files: Readonly<Record<string, string>> = {
    'ca.crt': certificatePath(directory, 'ca'),
    'ca.key': keyPath(directory, 'ca'),
    'service-account.key': join(directory, ACCOUNT_KEY_FILE),
  };
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const found = await store.get(KEY);
    const shared = found === undefined ? undefined : materialOf(found);
    for (const [name, file] of Object.entries(files)) {
      if (shared?.[name] !== undefined) writePrivateFile(file, shared[name]);
    }
    const { certificate, key } = ensureAuthority({ directory, now });
    const own = { 'ca.crt': certificate, 'ca.key': key, 'service-account.key': keptKey(directory) };
    if (shared !== undefined && Object.entries(own).every(([name, text]) => shared[name] === text)) return;
    if (await written(store, found, own, now)) return;
  }
  throw new CertificateFault('the certificates in the store change all the time');
}

/** False when another server was faster. */
async function written(store: Store, found: StoredValue | undefined, own: Material, now: number): Promise<boolean> {
  const value = secretOf(own, now);
  try {
    if (found === undefined) await store.create(KEY, value);
    else await store.update(KEY, value, found.modRevision);
    return true;
  } catch (error) {
    if (isStorageError(error, 'exists') || isStorageError(error, 'conflict')) return false;
    throw error;
  }
}

function secretOf(material: Material, now: number): Buffer {
  const { name, namespace } = NAME;
  const creationTimestamp = `${new Date(now).toISOString().slice(0, 19)}Z`;
  const data = Object.entries(material).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
  const secret = {
    kind: 'Secret',
    apiVersion: 'v1',
    metadata: { name, namespace, uid: randomUUID(), creationTimestamp },
    data: Object.fromEntries(data),
    type: 'kcp.io/server-identity',
  };
  return Buffer.from(JSON.stringify(secret));
}

function materialOf({ value }: StoredValue): Material {
  const secret = parseStoredJson(value.toString());
  const data = isObject(secret) && isObject(secret.data) ? secret.data : {};
  const texts = Object.entries(data).map(([name, text]) => [name, Buffer.from(String(text), 'base64').toString()]);
  return Object.fromEntries(texts);
}
