import { ROOT_CLUSTER } from '@kcp/apimachinery/meta/cluster-name';
import { objectKey, type StorageResource, type StoreKey } from '../key.js';
import type { Revision, Store, StoreEvent } from '../store.js';

export const CONFIG_MAPS: StorageResource = { group: '', resource: 'configmaps', custom: false, namespaced: true };

export function configMapKey(name: string, namespace = 'default'): StoreKey {
  return objectKey(CONFIG_MAPS, { cluster: ROOT_CLUSTER, namespace, name });
}

/** An object as the registry stores it. */
export function configMapValue(name: string, data: string, namespace = 'default'): Buffer {
  const metadata = { name, namespace, uid: `uid-of-${name}` };
  return Buffer.from(JSON.stringify({ kind: 'ConfigMap', apiVersion: 'v1', metadata, data: { data } }));
}

/** One event as a line: `5 put key=value (was value)`. */
export function describe(event: StoreEvent): string {
  const was =
    event.previous === undefined ? 'new' : `was ${event.previous.value.toString()}@${event.previous.modRevision}`;
  if (event.type === 'delete') return `${event.revision} delete ${event.previous.key} (${was})`;
  const { key, value, modRevision, createRevision } = event.current;
  return `${event.revision} put ${key}=${value.toString()}@${modRevision}/${createRevision} (${was})`;
}

/** A watch that writes down what it hears. */
export class RecordedWatch {
  readonly events: StoreEvent[] = [];
  closedWith: unknown;
  readonly #abort = new AbortController();

  static async start(store: Store, prefix: StoreKey, from: Revision): Promise<RecordedWatch> {
    const watch = new RecordedWatch();
    const sink = {
      events: (events: readonly StoreEvent[]) => void watch.events.push(...events),
      closed: (error: unknown) => {
        watch.closedWith = error;
      },
    };
    await store.watch(prefix, from, sink, watch.#abort.signal);
    return watch;
  }

  lines(): string[] {
    return this.events.map(describe);
  }

  /** Waits for an event of at least this revision; embedded engines have it before the write returns. */
  async reaches(revision: Revision): Promise<void> {
    for (let tries = 0; tries < 500; tries++) {
      if ((this.events[this.events.length - 1]?.revision ?? 0) >= revision) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`the watch did not reach revision ${revision}`);
  }

  stop(): void {
    this.#abort.abort();
  }
}
