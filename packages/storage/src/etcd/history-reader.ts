import type { Stream } from '../grpc/channel.js';
import type { GrpcStatus } from '../grpc/grpc-status.js';
import type { Revision } from '../store.js';
import type { EtcdClient } from './etcd-client.js';
import { HISTORY_PART_REVISIONS, HISTORY_PARTS_MAX } from './limits.js';
import type { WatchEvent } from './watch-messages.js';
import { openWatch, type WatchListener, type WatchStart } from './watch-stream.js';

export interface HistoryListener extends WatchListener {
  /** Everything was told; what comes later is for another stream. */
  done(): void;
}

/** Revisions after one, up to and with another. */
interface Part {
  readonly from: Revision;
  readonly to: Revision;
  events: readonly WatchEvent[];
  complete: boolean;
  stream: Stream | undefined;
}

/**
 * What happened between two revisions. A watch that is behind is told of 1,000 revisions every 100 ms (etcd's
 * `watchBatchMaxRevs`, and the interval of its loop): so each thousand has a watch of its own, and all come at once. Goes as
 * far as HISTORY_PARTS_MAX allow.
 */
export class HistoryReader implements Stream {
  readonly #listener: HistoryListener;
  readonly #parts: Part[] = [];
  #over = false;

  constructor(client: EtcdClient, { from, ahead }: WatchStart, to: Revision, listener: HistoryListener) {
    this.#listener = listener;
    for (let start = from; start < to && this.#parts.length < HISTORY_PARTS_MAX; start += HISTORY_PART_REVISIONS) {
      const end = Math.min(start + HISTORY_PART_REVISIONS, to);
      this.#parts.push({ from: start, to: end, events: [], complete: false, stream: undefined });
    }
    for (const part of this.#parts) part.stream = openWatch(client, { from: part.from, ahead }, this.#listenTo(part));
  }

  cancel(): void {
    this.#over = true;
    for (const { stream } of this.#parts) stream?.cancel();
  }

  #listenTo(part: Part): WatchListener {
    return {
      created: () => this.#listener.created(),
      batch: (events) => this.#take(part, events),
      compacted: (revision) => this.#end(() => this.#listener.compacted(revision)),
      ended: (end: GrpcStatus) => this.#end(() => this.#listener.ended(end)),
    };
  }

  /** Every revision has an event, so the end of a part is seen. */
  #take(part: Part, events: readonly WatchEvent[]): void {
    if (this.#over || part.complete) return;
    const own = events.filter(({ item }) => item.modRevision <= part.to);
    part.events = part.events.length === 0 ? own : [...part.events, ...own];
    if ((events[events.length - 1]?.item.modRevision ?? 0) < part.to) return;
    part.complete = true;
    part.stream?.cancel();
    this.#tell();
  }

  /** What is complete from the beginning on. */
  #tell(): void {
    while (this.#parts[0]?.complete === true) {
      const part = this.#parts.shift();
      if (part !== undefined) this.#listener.batch(part.events);
      if (this.#over) return;
    }
    if (this.#parts.length === 0) this.#end(() => this.#listener.done());
  }

  #end(tell: () => void): void {
    if (this.#over) return;
    this.cancel();
    tell();
  }
}
