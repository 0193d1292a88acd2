import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readBoolean, readNumber, readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import type { Client } from '@kcp/client/rest/client';
import { unlessGone } from '@kcp/controllers/controller/unless-gone';
import { specOf, texts } from '../controllers/pod-facts.js';

const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };
const SECRETS = { group: '', version: 'v1', resource: 'secrets' };
const SERVICE_ACCOUNTS = { group: '', version: 'v1', resource: 'serviceaccounts' };
/** Where every container finds its service account. */
export const ACCOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const TOKEN_SECONDS = 3_600;

/** Why the volumes of a pod cannot be filled (yet). */
export class VolumeFault extends Error {}

/** A pod's files: name relative to the mount → content. */
type Files = Map<string, Buffer | string>;

/** Fills volumes of pods with what the cluster has for them. */
export class Volumes {
  readonly #client: Client;

  /** `client` is one of the cluster that the pod is in. */
  constructor(client: Client) {
    this.#client = client;
  }

  /**
   * Writes what a container mounts below `directory`, each mount at its path there, and the pod's service account at
   * ACCOUNT_PATH. Resolves with the mount paths. Rejects with VolumeFault.
   */
  async mount(pod: KubeObject, container: JsonObject, directory: string): Promise<string[]> {
    const paths: string[] = [];
    const volumes = new Map(readObjects(specOf(pod), 'volumes').map((one) => [readString(one, 'name'), one]));
    for (const mount of readObjects(container, 'volumeMounts')) {
      const path = readString(mount, 'mountPath');
      const volume = volumes.get(readString(mount, 'name')) ?? {};
      write(join(directory, path), await this.#filesOf(pod, volume));
      paths.push(path);
    }
    if (!paths.includes(ACCOUNT_PATH)) {
      write(join(directory, ACCOUNT_PATH), await this.#account(pod));
      paths.push(ACCOUNT_PATH);
    }
    return paths;
  }

  async #filesOf(pod: KubeObject, volume: JsonObject): Promise<Files> {
    const { namespace = '' } = pod.metadata;
    const configMap = readObject(volume, 'configMap');
    if (configMap !== undefined) return this.#configMap(namespace, configMap);
    const secret = readObject(volume, 'secret');
    if (secret !== undefined) return this.#secret(namespace, { ...secret, name: readString(secret, 'secretName') });
    const files: Files = new Map();
    for (const source of readObjects(readObject(volume, 'projected') ?? {}, 'sources')) {
      for (const [name, content] of await this.#projected(pod, source)) files.set(name, content);
    }
    return files;
  }

  async #projected(pod: KubeObject, source: JsonObject): Promise<Files> {
    const { namespace = '' } = pod.metadata;
    const [configMap, secret] = [readObject(source, 'configMap'), readObject(source, 'secret')];
    const token = readObject(source, 'serviceAccountToken');
    if (configMap !== undefined) return this.#configMap(namespace, configMap);
    if (secret !== undefined) return this.#secret(namespace, secret);
    if (token === undefined) return new Map();
    return new Map([[readString(token, 'path') || 'token', await this.#token(pod, token)]]);
  }

  async #configMap(namespace: string, source: JsonObject): Promise<Files> {
    const name = readString(source, 'name');
    const found = await unlessGone(this.#client.get(CONFIG_MAPS, { namespace, name }));
    if (found === undefined) return absent(source, `configmap "${name}" not found`);
    const binary = Object.entries(texts(found, 'binaryData')).map(([key, value]) => [key, decode(value)] as const);
    return chosen(source, new Map<string, Buffer | string>([...Object.entries(texts(found, 'data')), ...binary]));
  }

  async #secret(namespace: string, source: JsonObject): Promise<Files> {
    const name = readString(source, 'name');
    const found = await unlessGone(this.#client.get(SECRETS, { namespace, name }));
    if (found === undefined) return absent(source, `secret "${name}" not found`);
    return chosen(source, new Map(Object.entries(texts(found, 'data')).map(([key, value]) => [key, decode(value)])));
  }

  async #token(pod: KubeObject, source: JsonObject): Promise<string> {
    const { namespace = '', name = '', uid = '' } = pod.metadata;
    const account = readString(specOf(pod), 'serviceAccountName') || 'default';
    const audience = readString(source, 'audience');
    const request = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: { namespace, name: account },
      spec: {
        audiences: audience === '' ? [] : [audience],
        expirationSeconds: readNumber(source, 'expirationSeconds') ?? TOKEN_SECONDS,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      },
    };
    const answer = await this.#client.create(SERVICE_ACCOUNTS, request, { subresource: 'token', name: account });
    return readString(readObject(answer, 'status') ?? {}, 'token');
  }

  async #account(pod: KubeObject): Promise<Files> {
    const { namespace = '' } = pod.metadata;
    const root = await this.#configMap(namespace, { name: 'kube-root-ca.crt', optional: true });
    return new Map<string, Buffer | string>([...root, ['namespace', namespace], ['token', await this.#token(pod, {})]]);
  }
}

function absent(source: JsonObject, why: string): Files {
  if (readBoolean(source, 'optional')) return new Map();
  throw new VolumeFault(why);
}

/** All entries, or those that `items` name, under the paths that they give them. */
function chosen(source: JsonObject, all: Files): Files {
  const items = readObjects(source, 'items');
  if (items.length === 0) return all;
  const files: Files = new Map();
  for (const item of items) {
    const key = readString(item, 'key');
    const content = all.get(key);
    if (content !== undefined) files.set(readString(item, 'path') || key, content);
    else if (!readBoolean(source, 'optional')) throw new VolumeFault(`references non-existent key: ${key}`);
  }
  return files;
}

function write(directory: string, files: Files): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const [name, content] of files) {
    const path = join(directory, normalize(name));
    if (!path.startsWith(directory + sep)) throw new VolumeFault(`path ${name} leads out of its volume`);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, content, { mode: 0o600 });
  }
}

function decode(text: string): Buffer {
  return Buffer.from(text, 'base64');
}
