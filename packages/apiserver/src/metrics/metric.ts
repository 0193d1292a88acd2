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

/** Counts up, or is set; one value per combination of labels. */
export class ValueMetric implements Metric {
  readonly #family: Family;
  readonly #type: 'counter' | 'gauge';
  readonly #values = new Map<string, { readonly labels: LabelValues; value: number }>();

  constructor(type: 'counter' | 'gauge', name: string, help: string, labels: readonly string[] = []) {
    this.#type = type;
    this.#family = { name, help, labels };
  }

  add(amount: number, labels: LabelValues = []): void {
    this.#series(labels).value += amount;
  }

  set(value: number, labels: LabelValues = []): void {
    this.#series(labels).value = value;
  }

  write(lines: string[]): void {
    head(lines, this.#family, this.#type);
    for (const { labels, value } of this.#values.values()) {
      lines.push(`${this.#family.name}${labelText(this.#family.labels, labels)} ${value}`);
    }
  }

  #series(labels: LabelValues): { value: number } {
    const key = labels.join('\u0000');
    const known = this.#values.get(key);
    if (known) return known;
    const full = this.#values.size >= SERIES_MAX;
    const series = { labels: full ? labels.map(() => OTHER) : labels, value: 0 };
    const at = full ? OTHER : key;
    const kept = this.#values.get(at) ?? series;
    this.#values.set(at, kept);
    return kept;
  }
}

/** Counts observations in buckets; `bounds` are upper bounds, ascending. */
export class Histogram implements Metric {
  readonly #family: Family;
  readonly #bounds: readonly number[];
  readonly #series = new Map<
    string,
    { readonly labels: LabelValues; readonly counts: number[]; sum: number; count: number }
  >();

  constructor(name: string, help: string, labels: readonly string[], bounds: readonly number[]) {
    this.#family = { name, help, labels };
    this.#bounds = bounds;
  }

  observe(value: number, labels: LabelValues): void {
    const full = this.#series.size >= SERIES_MAX;
    const key = labels.join('\u0000');
    let series = this.#series.get(key) ?? (full ? this.#series.get(OTHER) : undefined);
    if (series === undefined) {
      const own = full ? labels.map(() => OTHER) : labels;
      series = { labels: own, counts: this.#bounds.map(() => 0), sum: 0, count: 0 };
      this.#series.set(full ? OTHER : key, series);
    }
    const bucket = this.#bounds.findIndex((bound) => value <= bound);
    if (bucket >= 0) series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
    series.sum += value;
    series.count++;
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
