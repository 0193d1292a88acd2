import { readObject, readString } from '@kcp/apimachinery/schema/read';
import { pause } from '@kcp/client/clock';
import { keyText, type ObjectKey } from '@kcp/client/informer/object-key';
import type { Environment } from '../../controller/environment.js';
import { unlessGone } from '../../controller/unless-gone.js';
import type { KubeconfigSource } from '../apis/views.js';
import { SECRET_WATCH_RETRY_MS } from '../limits.js';
import { KubeconfigRefusal } from '../physical/checked-kubeconfig.js';

const SECRETS = { group: '', version: 'v1', resource: 'secrets' };

type SecretSource = Extract<KubeconfigSource, { kind: 'secret' }>;

interface Watched {
  readonly place: string;
  readonly stop: AbortController;
}

/** Where the kubeconfigs of Clusters come from; a Secret is watched as long as a Cluster refers to it. */
export class KubeconfigSources {
  readonly #environment: Environment;
  readonly #onChange: (key: ObjectKey) => void;
  readonly #watched = new Map<string, Watched>();

  /** `onChange` hears of Clusters whose Secret changed. */
  constructor(environment: Environment, onChange: (key: ObjectKey) => void) {
    this.#environment = environment;
    this.#onChange = onChange;
  }

  /** The text of the kubeconfig. Rejects with KubeconfigRefusal when there is none, and with what the server says. */
  async read(key: ObjectKey, source: KubeconfigSource | undefined, signal: AbortSignal): Promise<string> {
    if (source?.kind !== 'secret') this.forget(key);
    if (source === undefined) throw new KubeconfigRefusal('InvalidKubeConfig', 'there is no kubeconfig');
    return source.kind === 'inline' ? source.text : this.#ofSecret(key, source, signal);
  }

  forget(key: ObjectKey): void {
    this.#watched.get(keyText(key))?.stop.abort();
    this.#watched.delete(keyText(key));
  }

  stop(): void {
    for (const { stop } of this.#watched.values()) stop.abort();
    this.#watched.clear();
  }

  async #ofSecret(key: ObjectKey, source: SecretSource, signal: AbortSignal): Promise<string> {
    this.#follow(key, source);
    const { namespace, name } = source;
    const client = this.#environment.client.in(key.cluster);
    const secret = await unlessGone(client.get(SECRETS, { namespace, name }, { signal }));
    const where = `Secret ${namespace}/${name}`;
    if (secret === undefined) throw new KubeconfigRefusal('InvalidKubeConfig', `${where} does not exist`);
    const data = readString(readObject(secret, 'data') ?? {}, source.key);
    if (data === '') throw new KubeconfigRefusal('InvalidKubeConfig', `${where} has no ${JSON.stringify(source.key)}`);
    return Buffer.from(data, 'base64').toString('utf8');
  }

  #follow(key: ObjectKey, { namespace, name }: SecretSource): void {
    const place = `${namespace}/${name}`;
    if (this.#watched.get(keyText(key))?.place === place) return;
    this.forget(key);
    const stop = new AbortController();
    this.#watched.set(keyText(key), { place, stop });
    void this.#watch(key, { namespace, name }, stop.signal);
  }

  async #watch(key: ObjectKey, { namespace, name }: { namespace: string; name: string }, signal: AbortSignal) {
    const { client, clock, log } = this.#environment;
    const options = { namespace, fieldSelector: `metadata.name=${name}`, signal };
    while (!signal.aborted) {
      try {
        for await (const { type } of client.in(key.cluster).watch(SECRETS, options)) {
          if (type !== 'BOOKMARK') this.#onChange(key);
        }
      } catch (error) {
        if (!signal.aborted) log.warn('the Secret of a kubeconfig cannot be watched', { key: keyText(key), error });
      }
      await pause(clock, SECRET_WATCH_RETRY_MS, signal);
    }
  }
}
