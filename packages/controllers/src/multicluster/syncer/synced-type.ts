import type { ObjectDigest } from './digest.js';
import { Feed, type ObjectPlace } from './feed.js';
import type { Side } from './side.js';
import { type Agreement, placeText, type TypeOfBoth } from './sync-context.js';
import type { SyncedResource } from './synced-resource.js';

export interface SyncedTypeOptions {
  readonly resource: SyncedResource;
  readonly location: string;
  readonly source: string;
  readonly finalizer: string;
  readonly up: Side;
  readonly down: Side;
  /** An object may have to be synced. */
  readonly onWork: (type: SyncedType, place: ObjectPlace) => void;
  /** An object is there now in the physical cluster: those that it owns can name it. */
  readonly onArrival: (type: SyncedType, place: ObjectPlace) => void;
  /** An object has left the namespace. */
  readonly onDeparture: (namespace: string) => void;
  /** The whole state of both sides is known. */
  readonly onReady: (type: SyncedType) => void;
}

/** One type: its objects on both sides, and what was agreed on them. */
export class SyncedType implements TypeOfBoth {
  readonly resource: SyncedResource;
  readonly up: Feed;
  readonly down: Feed;
  readonly agreements = new Map<string, Agreement>();
  readonly #options: SyncedTypeOptions;
  /** To be worked on as soon as both sides are known. */
  readonly #parked = new Map<string, ObjectPlace>();
  #error: string | undefined;

  constructor(options: SyncedTypeOptions) {
    const { resource, location, source, finalizer, up, down } = options;
    this.#options = options;
    this.resource = resource;
    const feed = { resource, location, finalizer };
    const synced = () => this.#synced();
    const failed = (error: unknown) => {
      this.#error = error instanceof Error ? error.message : String(error);
    };
    this.up = new Feed({
      ...feed,
      side: up,
      listener: { changed: (...change) => this.#above(...change), synced, failed },
    });
    this.down = new Feed({
      ...feed,
      side: down,
      from: source,
      listener: { changed: (...change) => this.#below(...change), synced, failed },
    });
  }

  /** Why the type cannot be watched, as long as it cannot. */
  get error(): string | undefined {
    return this.#error;
  }

  get isReady(): boolean {
    const { up, down } = this.#options;
    return this.up.hasSynced && this.down.hasSynced && !up.away && !down.away;
  }

  start(): void {
    this.up.start();
    this.down.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.up.stop(), this.down.stop()]);
  }

  park(place: ObjectPlace): void {
    this.#parked.set(placeText(place), place);
  }

  #synced(): void {
    if (!this.isReady) return;
    this.#error = undefined;
    const parked = [...this.#parked.values()];
    this.#parked.clear();
    for (const place of parked) this.#options.onWork(this, place);
    for (const feed of [this.up, this.down]) for (const { key } of feed.entries()) this.#options.onWork(this, key);
    this.#options.onReady(this);
  }

  #above(place: ObjectPlace, before: ObjectDigest | undefined, after: ObjectDigest | undefined): void {
    // One that we let go of, and that is not in the physical cluster, is none of ours any more.
    if (after === undefined && before?.held === false && this.down.get(place) === undefined) {
      this.agreements.delete(placeText(place));
    } else this.#options.onWork(this, place);
    if (after === undefined) this.#options.onDeparture(place.namespace);
  }

  #below(place: ObjectPlace, before: ObjectDigest | undefined, after: ObjectDigest | undefined): void {
    this.#options.onWork(this, place);
    if (after === undefined) this.#options.onDeparture(place.namespace);
    else if (before?.uid !== after.uid) this.#options.onArrival(this, place);
  }
}
