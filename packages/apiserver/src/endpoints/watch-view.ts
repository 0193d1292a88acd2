import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { CachedObject } from '@kcp/storage/cache';
import type { ApiResponse, StreamSink } from '../http/exchange.js';
import type { ViewSource } from '../registry/resource-type.js';
import type { ListOptions } from '../request/list-options.js';
import type { OutputFormat } from '../request/negotiation.js';
import { clusterOf, type ResourceRequest } from './resource-request.js';
import type { Selection } from './selection.js';
import { includeObjectOf } from './table-output.js';
import { viewObjects } from './view-objects.js';
import { bookmarkObject, type FrameEncoder, frameEncoder } from './watch-frames.js';
import { watchContentType, watchTimeoutMs } from './watch-timing.js';

/**
 * Watch of a computed type: what is there, then the differences after each change. Without a history every watch
 * begins with the current state, whatever resourceVersion it names.
 */
export function watchView(
  rr: ResourceRequest,
  format: OutputFormat,
  options: ListOptions,
  selection: Selection,
): ApiResponse {
  const { clock } = rr.registry;
  const include = () => includeObjectOf(rr.info.query.get('includeObject'));
  const frames = frameEncoder(rr.type, rr.info.scope, format, include, () => clock.now());
  return {
    kind: 'stream',
    status: 200,
    headers: { 'content-type': watchContentType(format) },
    run(sink) {
      if (rr.type.backing.kind === 'view')
        new ViewWatch(rr, rr.type.backing.source, selection, frames, sink).start(options);
    },
  };
}

class ViewWatch {
  readonly #rr: ResourceRequest;
  readonly #source: ViewSource;
  readonly #selection: Selection;
  readonly #frames: FrameEncoder;
  readonly #sink: StreamSink;
  /** What the client has, by name. */
  readonly #shown = new Map<string, CachedObject>();

  constructor(rr: ResourceRequest, source: ViewSource, selection: Selection, frames: FrameEncoder, sink: StreamSink) {
    this.#rr = rr;
    this.#source = source;
    this.#selection = selection;
    this.#frames = frames;
    this.#sink = sink;
  }

  start(options: ListOptions): void {
    const { clock, cache } = this.#rr.registry;
    const unsubscribe = this.#source.onChange(clusterOf(this.#rr), (what) => {
      if (what === 'ended') this.#sink.end();
      else this.#update();
    });
    const cancel = clock.after(watchTimeoutMs(options.timeoutSeconds), () => this.#sink.end());
    this.#sink.onClose(() => {
      unsubscribe();
      cancel();
    });
    this.#update();
    if (options.sendInitialEvents !== true || !options.allowWatchBookmarks) return;
    this.#sink.write(this.#frames.value('BOOKMARK', bookmarkObject(this.#rr.type, cache.revision, true)));
  }

  #update(): void {
    const cluster = clusterOf(this.#rr);
    const objects: readonly KubeObject[] = this.#source.list(cluster);
    const revision = this.#rr.registry.cache.revision;
    const now = viewObjects(objects, cluster, revision).filter((object) => this.#selection.matches(object));
    const names = new Set(now.map(({ key }) => key.name));
    for (const [name, object] of this.#shown) {
      if (names.has(name)) continue;
      this.#shown.delete(name);
      this.#sink.write(this.#frames.object('DELETED', object));
    }
    for (const object of now) this.#show(object);
  }

  #show(object: CachedObject): void {
    const before = this.#shown.get(object.key.name);
    if (before && this.#same(before, object)) return;
    this.#shown.set(object.key.name, object);
    this.#sink.write(this.#frames.object(before ? 'MODIFIED' : 'ADDED', object));
  }

  #same(before: CachedObject, after: CachedObject): boolean {
    const text = (object: CachedObject): string =>
      object.bytes.toString('utf8').replace(/"resourceVersion":"\d+",/, '');
    return text(before) === text(after);
  }
}
