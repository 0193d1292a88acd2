import { StatusError } from '@kcp/apimachinery/errors/status-error';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import { backoffDelay } from '../backoff.js';
import { type Clock, pause, type Random } from '../clock.js';
import { WATCH_BACKOFF } from '../limits.js';
import type { Client } from '../rest/client.js';
import type { CollectionOptions } from '../rest/options.js';
import { TransportError } from '../transport/transport.js';
import { endsInitialEvents, type WatchEvent } from '../watch/watch-event.js';

/** Whoever wants to know a collection. */
export interface ReflectorSink {
  /** A whole state follows, object by object. A state that was begun before is void. */
  begin(): void;
  object(event: WatchEvent): void;
  /** The state is whole, and the collection's at this resourceVersion. */
  end(resourceVersion: string): void;
  /** One change of that state. */
  change(event: WatchEvent): void;
}

export interface ReflectorOptions extends Omit<CollectionOptions, 'signal'> {
  readonly client: Client;
  readonly resource: GroupVersionResource;
  readonly metadataOnly?: boolean | undefined;
  /** Only what concerns ownership, from a server that can tell (see `OWNERSHIP_ONLY`). */
  readonly ownershipOnly?: boolean | undefined;
  readonly clock: Clock;
  readonly random: Random;
  /** Hears why the reflector has to try again. */
  readonly onError: (error: unknown) => void;
}

/**
 * Tells a sink the state of a collection and every change of it, for as long as it runs: one stream that begins with
 * the state (KEP-3157), a list and a watch where the server does not know that. It goes on where it was after each loss
 * of the stream, and begins anew when the server's history no longer reaches back that far.
 */
export class Reflector {
  readonly #options: ReflectorOptions;
  readonly #sink: ReflectorSink;
  /** Everything up to this resourceVersion has been told. */
  #position: string | undefined;
  #streamsLists = true;
  #failures = 0;

  constructor(options: ReflectorOptions, sink: ReflectorSink) {
    this.#options = options;
    this.#sink = sink;
  }

  /** Resolves after `signal` has aborted; never rejects. A sink that throws is told everything anew. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    while (!signal.aborted) {
      try {
        await this.#stream(signal);
        this.#failures++;
      } catch (error) {
        if (signal.aborted) return;
        this.#failed(error);
      }
      // A stream that worked and ended is taken up again at once: servers end watches all the time.
      const ms = this.#failures === 1 ? 0 : backoffDelay(WATCH_BACKOFF, this.#failures - 1, random);
      await pause(clock, ms, signal);
    }
  }

  #failed(error: unknown): void {
    if (isExpired(error)) {
      this.#position = undefined;
      this.#failures++;
    } else if (this.#position === undefined && this.#streamsLists && refusesInitialEvents(error)) {
      this.#streamsLists = false;
      this.#failures = 1;
    } else {
      if (!isOfTheServer(error)) this.#position = undefined;
      this.#failures += this.#failures === 0 ? 2 : 1;
      this.#options.onError(error);
    }
  }

  async #stream(signal: AbortSignal): Promise<void> {
    if (this.#position !== undefined) return this.#follow(signal);
    if (this.#streamsLists) return this.#loadAndFollow(signal);
    await this.#list(signal);
    return this.#follow(signal);
  }

  async #loadAndFollow(signal: AbortSignal): Promise<void> {
    let loading = true;
    this.#sink.begin();
    for await (const event of this.#watch({ sendInitialEvents: true }, signal)) {
      if (!loading) this.#tell(event);
      else if (endsInitialEvents(event)) {
        loading = false;
        this.#loaded(event.object.metadata.resourceVersion);
      } else if (event.type !== 'BOOKMARK') this.#sink.object(event);
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, resource, metadataOnly } = this.#options;
    this.#sink.begin();
    let resourceVersion: string | undefined;
    const options = { ...this.#collection(), signal, ...(metadataOnly ? { metadataOnly } : {}) };
    for await (const page of client.pages(resource, options)) {
      for (const object of page.items) this.#sink.object({ type: 'ADDED', object });
      resourceVersion = page.resourceVersion;
    }
    this.#loaded(resourceVersion);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const from = this.#position === undefined ? {} : { resourceVersion: this.#position };
    for await (const event of this.#watch(from, signal)) this.#tell(event);
  }

  #watch(more: { readonly sendInitialEvents?: true; readonly resourceVersion?: string }, signal: AbortSignal) {
    const { client, resource, metadataOnly = false, ownershipOnly = false } = this.#options;
    const options = { ...this.#collection(), metadataOnly, ownershipOnly, bookmarks: true, signal };
    return client.watchOnce(resource, { ...options, ...more });
  }

  #collection(): CollectionOptions {
    const { namespace, labelSelector, fieldSelector } = this.#options;
    return { namespace, labelSelector, fieldSelector };
  }

  #loaded(resourceVersion: string | undefined): void {
    this.#position = resourceVersion ?? '';
    this.#failures = 0;
    this.#sink.end(this.#position);
  }

  #tell(event: WatchEvent): void {
    this.#failures = 0;
    this.#position = versionOf(event.object) ?? this.#position;
    if (event.type !== 'BOOKMARK') this.#sink.change(event);
  }
}

function versionOf({ metadata }: KubeObject): string | undefined {
  return metadata.resourceVersion;
}

function isExpired(error: unknown): boolean {
  return error instanceof StatusError && (error.code === 410 || error.reason === 'Expired' || error.reason === 'Gone');
}

function isOfTheServer(error: unknown): boolean {
  return error instanceof StatusError || error instanceof TransportError;
}

/** Servers that do not know the option call it invalid, older ones a bad request. */
function refusesInitialEvents(error: unknown): boolean {
  return error instanceof StatusError && (error.code === 422 || error.code === 400);
}
