import { monitorEventLoopDelay } from 'node:perf_hooks';
import { ALL_CLUSTERS } from '@kcp/apimachinery/meta/cluster-name';
import type { WatchCache } from '@kcp/storage/cache';
import { isStorageError } from '@kcp/storage/errors';
import type { Store } from '@kcp/storage/store';
import type { RequestObservation, RequestObserver } from '../handler/observer.js';
import type { ApiResponse } from '../http/exchange.js';
import type { ResourceCatalog } from '../registry/catalog.js';
import type { RequestInfo } from '../request/request-info.js';
import { Histogram, type LabelValues, type Metric, ValueMetric } from './metric.js';

const SECONDS = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.5, 2, 4, 8, 15, 30, 60];
const REQUEST_LABELS = ['verb', 'group', 'version', 'resource', 'subresource', 'scope', 'component'];
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);
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
  readonly #requests = new ValueMetric('counter', 'apiserver_request_total', 'Requests answered.', [
    ...REQUEST_LABELS,
    'code',
    'dry_run',
  ]);
  readonly #seconds = new Histogram(
    'apiserver_request_duration_seconds',
    'Time to answer, watches left out.',
    REQUEST_LABELS,
    SECONDS,
  );
  readonly #inflight = new ValueMetric(
    'gauge',
    'apiserver_current_inflight_requests',
    'Requests that are being answered.',
    ['request_kind'],
  );
  readonly #longRunning = new ValueMetric('counter', 'apiserver_longrunning_requests_total', 'Watches begun.', [
    'group',
    'version',
    'resource',
  ]);
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
    this.#started.set(Date.now() / 1_000 - process.uptime());
    this.#metrics = [
      this.#requests,
      this.#seconds,
      this.#inflight,
      this.#longRunning,
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
    const kind = method === 'GET' || method === 'HEAD' ? 'readOnly' : 'mutating';
    const from = performance.now();
    let info: RequestInfo | undefined;
    this.#inflight.add(1, [kind]);
    return {
      is: (known) => {
        info = known;
      },
      end: (response) => {
        this.#inflight.add(-1, [kind]);
        this.#count(method, info, response, (performance.now() - from) / 1_000);
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

  #count(method: string, info: RequestInfo | undefined, response: ApiResponse, seconds: number): void {
    const labels = this.#labels(method, info);
    const dryRun = info?.query.get('dryRun') === 'All' ? 'All' : '';
    this.#requests.add(1, [...labels, String(response.status), dryRun]);
    if (response.kind === 'bytes') this.#seconds.observe(seconds, labels);
    else if (info?.target) this.#longRunning.add(1, labels.slice(1, 4));
  }

  /** Only what is served gets labels of its own: whatever a client makes up counts as one. */
  #labels(method: string, info: RequestInfo | undefined): LabelValues {
    const target = info?.target;
    if (!info || !target || !this.#sources.catalog.lookup(info.scope, target.group, target.version, target.resource)) {
      return [METHODS.has(method) ? method : 'other', '', '', '', '', '', 'apiserver'];
    }
    const type = this.#sources.catalog.lookup(info.scope, target.group, target.version, target.resource);
    const subresource = type?.subresources.has(target.subresource) ? target.subresource : '';
    const scope = target.name !== '' ? 'resource' : target.namespace !== '' ? 'namespace' : 'cluster';
    return [target.verb.toUpperCase(), target.group, target.version, target.resource, subresource, scope, 'apiserver'];
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
