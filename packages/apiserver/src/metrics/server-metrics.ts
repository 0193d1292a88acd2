import { monitorEventLoopDelay } from 'node:perf_hooks';
import { ALL_CLUSTERS } from '@kcp/apimachinery/meta/cluster-name';
import type { WatchCache } from '@kcp/storage/cache';
import { isStorageError } from '@kcp/storage/errors';
import type { Store } from '@kcp/storage/store';
import type { RequestObservation, RequestObserver } from '../handler/observer.js';
import type { ResourceCatalog } from '../registry/catalog.js';
import type { RequestInfo } from '../request/request-info.js';
import { type Metric, ValueMetric } from './metric.js';
import { RequestMetrics } from './request-metrics.js';

const NANOSECONDS = 1e9;
/** Upstream counts its storage clusters by this name. */
const STORAGE_CLUSTER = 'etcd-0';

export interface MetricSources {
  readonly catalog: ResourceCatalog;
  readonly cache: WatchCache;
  readonly store: Pick<Store, 'size' | 'failure'>;
  /** Measurements of other parts, as they are now. */
  readonly more?: () => readonly Metric[];
}

/** The server's own measurements, under the names that dashboards for Kubernetes expect. */
export class ServerMetrics implements RequestObserver {
  readonly #sources: MetricSources;
  readonly #requests: RequestMetrics;
  readonly #inflight = new ValueMetric(
    'gauge',
    'apiserver_current_inflight_requests',
    'Requests that are being answered.',
    ['request_kind'],
  );
  readonly #reading = this.#inflight.series(['readOnly']);
  readonly #writing = this.#inflight.series(['mutating']);
  readonly #objects = new ValueMetric(
    'gauge',
    'apiserver_storage_objects',
    'Objects of each resource in all logical clusters.',
    ['resource'],
  );
  readonly #size = new ValueMetric('gauge', 'apiserver_storage_size_bytes', 'Bytes that the database takes on disk.', [
    'storage_cluster_id',
  ]);
  readonly #process = new ValueMetric('gauge', 'process_resident_memory_bytes', 'Resident memory.');
  readonly #cpu = new ValueMetric('counter', 'process_cpu_seconds_total', 'Processor time, user and system.');
  readonly #started = new ValueMetric('gauge', 'process_start_time_seconds', 'Start of the process since 1970.');
  readonly #heap = new ValueMetric('gauge', 'nodejs_heap_size_used_bytes', 'Heap in use.');
  readonly #lag = new ValueMetric(
    'gauge',
    'nodejs_eventloop_lag_p99_seconds',
    'How late the event loop runs, 99th percentile.',
  );
  readonly #delay = monitorEventLoopDelay({ resolution: 20 });
  readonly #metrics: readonly Metric[];

  constructor(sources: MetricSources) {
    this.#sources = sources;
    this.#requests = new RequestMetrics(sources.catalog);
    this.#started.set(Date.now() / 1_000 - process.uptime());
    this.#metrics = [
      ...this.#requests.metrics,
      this.#inflight,
      this.#objects,
      this.#size,
      this.#process,
      this.#cpu,
      this.#started,
      this.#heap,
      this.#lag,
    ];
  }

  begin(method: string): RequestObservation {
    const inflight = method === 'GET' || method === 'HEAD' ? this.#reading : this.#writing;
    const from = performance.now();
    let info: RequestInfo | undefined;
    inflight.value++;
    return {
      is: (known) => {
        info = known;
      },
      end: (response) => {
        inflight.value--;
        this.#requests.answered(method, info, response, (performance.now() - from) / 1_000);
      },
    };
  }

  /** Everything in the Prometheus text format. */
  async text(): Promise<string> {
    this.#sample();
    await this.#measureStore();
    const lines: string[] = [];
    for (const metric of [...this.#metrics, ...(this.#sources.more?.() ?? [])]) metric.write(lines);
    return `${lines.join('\n')}\n`;
  }

  /** A store that does not answer is named by readyz; its size stays what was last heard. */
  async #measureStore(): Promise<void> {
    if (this.#sources.store.failure !== undefined) return;
    try {
      const bytes = await this.#sources.store.size();
      if (bytes !== undefined) this.#size.set(bytes, [STORAGE_CLUSTER]);
    } catch (error) {
      if (!isStorageError(error, 'unavailable')) throw error;
    }
  }

  #sample(): void {
    const { rss, heapUsed } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    this.#process.set(rss);
    this.#heap.set(heapUsed);
    this.#cpu.set((user + system) / 1e6);
    this.#delay.enable();
    this.#lag.set(this.#delay.percentile(99) / NANOSECONDS);
    for (const type of this.#sources.catalog.builtins()) {
      const count = this.#sources.cache.loaded(type.storage)?.count(ALL_CLUSTERS, '');
      if (count !== undefined)
        this.#objects.set(count, [
          type.storage.group === '' ? type.names.plural : `${type.names.plural}.${type.storage.group}`,
        ]);
    }
  }
}
