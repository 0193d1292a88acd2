import type { StoreKey } from '../key.js';
import type { StoreEvent, WatchSink } from '../store.js';

interface Watcher {
  readonly prefix: StoreKey;
  readonly sink: WatchSink;
}

/** Hands the events of each commit to the watches of one store. */
export class WatchHub {
  readonly #watchers = new Set<Watcher>();

  /** Delivers from the next commit on until `signal` aborts. */
  add(prefix: StoreKey, sink: WatchSink, signal: AbortSignal): void {
    const watcher: Watcher = { prefix, sink };
    this.#watchers.add(watcher);
    signal.addEventListener('abort', () => this.#watchers.delete(watcher), { once: true });
  }

  dispatch(events: readonly StoreEvent[]): void {
    for (const watcher of this.#watchers) {
      const wanted = below(events, watcher.prefix);
      if (wanted.length > 0) this.#deliver(watcher, wanted);
    }
  }

  /** Ends every watch. */
  close(error: unknown): void {
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const watcher of watchers) watcher.sink.closed(error);
  }

  #deliver(watcher: Watcher, events: readonly StoreEvent[]): void {
    try {
      watcher.sink.events(events);
    } catch (error) {
      // A sink that throws has lost its place; it must not take the writers and the other watches with it.
      this.#watchers.delete(watcher);
      watcher.sink.closed(error);
    }
  }
}

function below(events: readonly StoreEvent[], prefix: StoreKey): readonly StoreEvent[] {
  return events.every((event) => keyOf(event).startsWith(prefix))
    ? events
    : events.filter((event) => keyOf(event).startsWith(prefix));
}

export function keyOf(event: StoreEvent): StoreKey {
  return event.type === 'put' ? event.current.key : event.previous.key;
}
