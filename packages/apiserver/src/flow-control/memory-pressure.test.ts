import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StatusError } from '@kcp/apimachinery/errors/status-error';
import { MEMORY_SAMPLE_MS } from '../limits.js';
import { parseRequest, type RequestInfo } from '../request/request-info.js';
import { MemoryPressure } from './memory-pressure.js';
import type { MemoryReading } from './memory-reading.js';

/** A process whose memory the test fills. */
class Filled {
  reading: MemoryReading = { heap: 0.1, container: undefined };
  #now = 0;
  readonly pressure = new MemoryPressure(() => this.reading, { now: () => this.#now, after: () => () => undefined });

  to(heap: number, container?: number): void {
    this.reading = { heap, container };
    this.#now += MEMORY_SAMPLE_MS;
  }

  answers(method: string, target: string): boolean {
    try {
      this.pressure.check(request(method, target));
      return true;
    } catch (error) {
      assert.ok(error instanceof StatusError);
      assert.deepEqual([error.status.code, error.status.reason], [429, 'TooManyRequests']);
      assert.ok((error.status.details?.retryAfterSeconds ?? 0) > 0);
      return false;
    }
  }
}

function request(method: string, target: string): RequestInfo {
  const parsed = parseRequest(method, target, undefined);
  assert.ok(parsed.ok);
  return parsed.info;
}

const MAPS = '/api/v1/namespaces/default/configmaps';

describe('memory pressure', () => {
  test('with memory to spare everything is served', () => {
    const process = new Filled();
    process.to(0.79, 0.79);
    for (const method of ['GET', 'POST', 'DELETE']) assert.ok(process.answers(method, MAPS));
  });

  test('when it is tight, what takes more is refused, what gives back or changes nothing is served', () => {
    const process = new Filled();
    process.to(0.8);
    assert.equal(process.answers('GET', MAPS), false);
    assert.equal(process.answers('GET', `${MAPS}?watch=1`), false);
    assert.equal(process.answers('POST', MAPS), false);
    assert.ok(process.answers('GET', `${MAPS}/a`));
    assert.ok(process.answers('PUT', `${MAPS}/a`));
    assert.ok(process.answers('DELETE', `${MAPS}/a`));
    assert.ok(process.answers('GET', '/api'));
  });

  test('when it is full only probes and metrics are answered, until there is room again', () => {
    const process = new Filled();
    process.to(0.1, 0.95);
    assert.equal(process.answers('GET', `${MAPS}/a`), false);
    assert.equal(process.answers('GET', '/api'), false);
    for (const probe of ['/livez', '/readyz/ping', '/healthz', '/metrics']) assert.ok(process.answers('GET', probe));
    process.to(0.5, 0.5);
    assert.ok(process.answers('POST', MAPS));
  });
});
