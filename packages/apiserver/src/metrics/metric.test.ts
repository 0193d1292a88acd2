import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram, type Metric, ValueMetric } from './metric.js';

const lines = (metric: Metric): string[] => {
  const written: string[] = [];
  metric.write(written);
  return written;
};

/** https://prometheus.io/docs/instrumenting/exposition_formats: a name, labels whose values are escaped, a number. */
const SAMPLE = /^[a-z_]+(\{([a-z_]+="([^"\\\n]|\\["\\n])*",?)*\})? (\d+(\.\d+)?(e[+-]\d+)?|\+Inf|NaN)$/;

test('every line is a sample or a comment, whatever stands in a label', () => {
  const metric = new ValueMetric('counter', 'asked_total', 'Questions.', ['who', 'where']);
  for (const text of ['plain', 'a "quote"', 'back\\slash', 'two\nlines', '}', 'ünï {x="y"} 1'])
    metric.add(1, [text, '']);
  const [help, type, ...samples] = lines(metric);
  assert.deepEqual([help, type], ['# HELP asked_total Questions.', '# TYPE asked_total counter']);
  assert.equal(samples.length, 6);
  for (const sample of samples) assert.match(sample, SAMPLE);
});

test('buckets of a histogram only grow, and the last of them is the count', () => {
  const metric = new Histogram('took_seconds', 'Time.', ['what'], [0.1, 1]);
  for (const seconds of [0.05, 0.1, 0.5, 7]) metric.series(['x']).observe(seconds);
  assert.deepEqual(lines(metric).slice(2), [
    'took_seconds_bucket{what="x",le="0.1"} 2',
    'took_seconds_bucket{what="x",le="1"} 3',
    'took_seconds_bucket{what="x",le="+Inf"} 4',
    'took_seconds_sum{what="x"} 7.65',
    'took_seconds_count{what="x"} 4',
  ]);
});

test('CVE-2020-8552: series are limited; what comes after counts under `other`', () => {
  const value = new ValueMetric('counter', 'asked_total', 'Questions.', ['who']);
  const histogram = new Histogram('took_seconds', 'Time.', ['who'], [1]);
  for (let i = 0; i < 10_000; i++) {
    value.add(1, [`client-${i}`]);
    histogram.series([`client-${i}`]).observe(1);
  }
  for (const [metric, perSeries] of [
    [value, 1],
    [histogram, 4],
  ] as const) {
    const written = lines(metric).slice(2);
    assert.ok(written.length <= 2_001 * perSeries, String(written.length));
    assert.ok(written.some((line) => line.includes('who="other"') && line.endsWith(' 8000')));
  }
});
