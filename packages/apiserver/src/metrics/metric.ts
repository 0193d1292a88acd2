/** Values of labels, in the order of the names that the metric declares. */
export type LabelValues = readonly string[];

/** Series one metric may have; what comes after is counted under `other` alone, so that no client can fill memory. */
const SERIES_MAX = 2_000;
const OTHER = 'other';

interface Family {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** Something that can be written in the Prometheus text format. */
export interface Metric {
  write(lines: string[]): void;
}

/** One combination of labels; whoever counts often keeps it, instead of its labels. */
export interface ValueSeries {
  readonly labels: LabelValues;
  value: number;
}

/** The series of one metric by their labels, of which there are never too many. */
class SeriesTable<S> {
  readonly #known = new Map<string, S>();
  readonly #make: (labels: LabelValues) => S;

  constructor(make: (labels: LabelValues) => S) {
    this.#make = make;
  }

  of(labels: LabelValues): S {
    const key = labels.join('\u0000');
    return this.#known.get(key) ?? this.#add(key, labels);
  }

  values(): Iterable<S> {
    return this.#known.values();
  }

  #add(key: string, labels: LabelValues): S {
    const full = this.#known.size >= SERIES_MAX;
    const at = full ? OTHER : key;
    const series = this.#known.get(at) ?? this.#make(full ? labels.map(() => OTHER) : labels);
    this.#known.set(at, series);
    return series;
  }
}

/** Counts up, or is set; one value per combination of labels. */
export class ValueMetric implements Metric {
  readonly #family: Family;
  readonly #type: 'counter' | 'gauge';
  readonly #series = new SeriesTable<ValueSeries>((labels) => ({ labels, value: 0 }));

  constructor(type: 'counter' | 'gauge', name: string, help: string, labels: readonly string[] = []) {
    this.#type = type;
    this.#family = { name, help, labels };
  }

  series(labels: LabelValues): ValueSeries {
    return this.#series.of(labels);
  }

  add(amount: number, labels: LabelValues = []): void {
    this.#series.of(labels).value += amount;
  }

  set(value: number, labels: LabelValues = []): void {
    this.#series.of(labels).value = value;
  }

  write(lines: string[]): void {
    head(lines, this.#family, this.#type);
    for (const { labels, value } of this.#series.values()) {
      lines.push(`${this.#family.name}${labelText(this.#family.labels, labels)} ${value}`);
    }
  }
}

/** One combination of labels of a histogram. */
export class HistogramSeries {
  readonly labels: LabelValues;
  /** Observations of each bucket alone, not of those below it. */
  readonly counts: number[];
  readonly #bounds: readonly number[];
  sum = 0;
  count = 0;

  constructor(labels: LabelValues, bounds: readonly number[]) {
    this.labels = labels;
    this.#bounds = bounds;
    this.counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    let bucket = 0;
    while (value > (this.#bounds[bucket] ?? Number.POSITIVE_INFINITY)) bucket++;
    if (bucket < this.counts.length) this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += value;
    this.count++;
  }
}

/** Counts observations in buckets; `bounds` are upper bounds, ascending. */
export class Histogram implements Metric {
  readonly #family: Family;
  readonly #bounds: readonly number[];
  readonly #series: SeriesTable<HistogramSeries>;

  constructor(name: string, help: string, labels: readonly string[], bounds: readonly number[]) {
    this.#family = { name, help, labels };
    this.#bounds = bounds;
    this.#series = new SeriesTable((values) => new HistogramSeries(values, bounds));
  }

  series(labels: LabelValues): HistogramSeries {
    return this.#series.of(labels);
  }

  write(lines: string[]): void {
    const { name, labels: names } = this.#family;
    head(lines, this.#family, 'histogram');
    for (const { labels, counts, sum, count } of this.#series.values()) {
      let below = 0;
      this.#bounds.forEach((bound, i) => {
        below += counts[i] ?? 0;
        lines.push(`${name}_bucket${labelText([...names, 'le'], [...labels, String(bound)])} ${below}`);
      });
      lines.push(`${name}_bucket${labelText([...names, 'le'], [...labels, '+Inf'])} ${count}`);
      lines.push(`${name}_sum${labelText(names, labels)} ${sum}`, `${name}_count${labelText(names, labels)} ${count}`);
    }
  }
}

function head(lines: string[], { name, help }: Family, type: string): void {
  lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
}

function labelText(names: readonly string[], values: LabelValues): string {
  if (names.length === 0) return '';
  return `{${names.map((name, i) => `${name}="${escapeValue(values[i] ?? '')}"`).join(',')}}`;
}

function escapeValue(value: string): string {
  return value.replace(/["\\\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`));
}
