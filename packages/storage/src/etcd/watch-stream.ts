import type { Stream } from '../grpc/channel.js';
import { type GrpcStatus, STATUS } from '../grpc/grpc-status.js';
import type { Revision } from '../store.js';
import type { EtcdClient } from './etcd-client.js';
import { decodeWatch, encodeWatch, type WatchAnswer, type WatchEvent } from './watch-messages.js';

/** What a stream of events tells. After `compacted` and `ended` it tells nothing more. */
export interface WatchListener {
  /** etcd has taken the watch on. */
  created(): void;
  /** The events of one or more whole revisions, in order. */
  batch(events: readonly WatchEvent[]): void;
  /** Everything up to this revision is forgotten, and something of it was asked for. */
  compacted(revision: Revision): void;
  ended(end: GrpcStatus): void;
}

/** Where a stream begins: behind a revision of the store, which is so far ahead of etcd's. */
export interface WatchStart {
  readonly from: Revision;
  readonly ahead: number;
}

/** Every event of etcd behind a revision, for as long as the stream lasts. */
export function openWatch(client: EtcdClient, { from, ahead }: WatchStart, listener: WatchListener): Stream {
  /** Events of a batch that is not complete. */
  let held: WatchEvent[] = [];
  const whole = ({ events, fragment }: WatchAnswer): readonly WatchEvent[] => {
    if (!fragment && held.length === 0) return events;
    held.push(...events);
    if (fragment) return [];
    const batch = held;
    held = [];
    return batch;
  };
  const stream = client.watch(encodeWatch(from + 1, ahead), {
    message: (bytes) => {
      const answer = decodeWatch(bytes, ahead);
      if (answer.compacted > 0 || answer.canceled) {
        stream.cancel();
        if (answer.compacted > 0) listener.compacted(answer.compacted);
        else listener.ended({ code: STATUS.CANCELLED, details: answer.reason });
        return;
      }
      if (answer.created) listener.created();
      const batch = whole(answer);
      if (batch.length > 0) listener.batch(batch);
    },
    ended: (end) => listener.ended(end),
  });
  return stream;
}
