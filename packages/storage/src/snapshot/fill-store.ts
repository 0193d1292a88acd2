import { FILL_WINDOW } from '../limits.js';
import type { Revision, Store, StoredValue } from '../store.js';

/** Told how many values were written so far. */
export type Written = (count: number) => void;

/**
 * Creates values in a store that has none of their keys, several at a time; each gets a revision of that store. When it
 * fails or the signal aborts, what it created is deleted again, and it rejects with the reason.
 */
export async function fillStore(
  store: Store,
  items: AsyncIterable<Pick<StoredValue, 'key' | 'value'>>,
  signal: AbortSignal,
  written: Written,
): Promise<number> {
  const created: { readonly key: StoredValue['key']; readonly revision: Revision }[] = [];
  const put = async ({ key, value }: Pick<StoredValue, 'key' | 'value'>): Promise<void> => {
    created.push({ key, revision: await store.create(key, value) });
  };
  try {
    let window: Pick<StoredValue, 'key' | 'value'>[] = [];
    const flush = async (): Promise<void> => {
      signal.throwIfAborted();
      const results = await Promise.allSettled(window.map(put));
      window = [];
      for (const result of results) if (result.status === 'rejected') throw result.reason;
      written(created.length);
    };
    for await (const item of items) {
      window.push(item);
      if (window.length >= FILL_WINDOW) await flush();
    }
    await flush();
    return created.length;
  } catch (error) {
    for (const { key, revision } of created.reverse()) await store.delete(key, revision);
    throw error;
  }
}
