import type { ApiResponse } from '../http/exchange.js';
import type { ResourceCatalog } from '../registry/catalog.js';
import type { RequestInfo, ResourceTarget } from '../request/request-info.js';
import {
  Histogram,
  type HistogramSeries,
  type LabelValues,
  type Metric,
  ValueMetric,
  type ValueSeries,
} from './metric.js';

const SECONDS = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.5, 2, 4, 8, 15, 30, 60];
const REQUEST_LABELS = ['verb', 'group', 'version', 'resource', 'subresource', 'scope', 'component'];
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);
const COMPONENT = 'apiserver';
/** Kinds of requests whose series are at hand; of others they are looked for. */
const KINDS_MAX = 1_000;

/** Requests that are alike in all but their answers, with the series that they count in. */
interface RequestKind {
  readonly labels: LabelValues;
  readonly seconds: HistogramSeries;
  /** By status code, of requests that were no trial. */
  readonly answers: Map<number, ValueSeries>;
}

/** Counts requests and how long they took, under upstream's names. */
export class RequestMetrics {
  readonly #catalog: ResourceCatalog;
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
  readonly #longRunning = new ValueMetric('counter', 'apiserver_longrunning_requests_total', 'Watches begun.', [
    'group',
    'version',
    'resource',
  ]);
  readonly #kinds = new Map<string, RequestKind>();
  readonly metrics: readonly Metric[] = [this.#requests, this.#seconds, this.#longRunning];

  constructor(catalog: ResourceCatalog) {
    this.#catalog = catalog;
  }

  /** `info` is undefined for what could not be understood. */
  answered(method: string, info: RequestInfo | undefined, response: ApiResponse, seconds: number): void {
    const kind = this.#kindOf(method, info);
    if (info?.query.get('dryRun') === 'All') this.#requests.add(1, [...kind.labels, String(response.status), 'All']);
    else this.#answersOf(kind, response.status).value++;
    if (response.kind === 'bytes') kind.seconds.observe(seconds);
    else if (info?.target) this.#longRunning.add(1, kind.labels.slice(1, 4));
  }

  #answersOf({ labels, answers }: RequestKind, status: number): ValueSeries {
    const known = answers.get(status);
    if (known !== undefined) return known;
    const series = this.#requests.series([...labels, String(status), '']);
    answers.set(status, series);
    return series;
  }

  /** Only what is served gets labels of its own: whatever a client makes up counts as one. */
  #kindOf(method: string, info: RequestInfo | undefined): RequestKind {
    const target = info?.target;
    const type = target && this.#catalog.lookup(info.scope, target.group, target.version, target.resource);
    if (target === undefined || type === undefined) return this.#kind(METHODS.has(method) ? method : 'other');
    return this.#kind(target.verb, target, type.subresources.has(target.subresource) ? target.subresource : '');
  }

  #kind(verb: string, target?: ResourceTarget, subresource = ''): RequestKind {
    const { group = '', version = '', resource = '' } = target ?? {};
    const scope = target === undefined ? '' : scopeOf(target);
    const key = `${verb} ${resource}.${version}.${group}/${subresource} ${scope}`;
    return this.#kinds.get(key) ?? this.#add(key, [verb.toUpperCase(), group, version, resource, subresource, scope]);
  }

  #add(key: string, values: LabelValues): RequestKind {
    const labels = [...values, COMPONENT];
    const kind = { labels, seconds: this.#seconds.series(labels), answers: new Map<number, ValueSeries>() };
    if (this.#kinds.size < KINDS_MAX) this.#kinds.set(key, kind);
    return kind;
  }
}

function scopeOf({ name, namespace }: ResourceTarget): string {
  if (name !== '') return 'resource';
  return namespace !== '' ? 'namespace' : 'cluster';
}
