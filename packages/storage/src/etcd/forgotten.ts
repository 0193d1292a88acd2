import type { Revision } from '../store.js';
import type { EtcdClient } from './etcd-client.js';
import { CALL_DEADLINE_MS } from './limits.js';
import { decodeWatch, encodeWatch } from './watch-messages.js';

/**
 * Asks up to which revision everything is forgotten, which only a watch is told that wants what is forgotten. To be
 * called when something is; 0 when no answer comes.
 */
export function probeCompacted(client: EtcdClient, ahead: number): Promise<Revision> {
  return new Promise((resolve) => {
    const end = (revision: Revision): void => {
      clearTimeout(timer);
      stream.cancel();
      resolve(revision);
    };
    const timer = setTimeout(() => end(0), CALL_DEADLINE_MS);
    const stream = client.watch(encodeWatch(1, 0), {
      message: (bytes) => {
        const { created, compacted } = decodeWatch(bytes, ahead);
        if (!created || compacted > 0) end(compacted);
      },
      ended: () => end(0),
    });
  });
}
