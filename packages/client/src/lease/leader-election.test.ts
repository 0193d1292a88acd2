import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isObject } from '@kcp/apimachinery/json/value';
import { Client } from '../rest/client.js';
import { FakeClock } from '../testing/fake-clock.js';
import { FakeTransport } from '../testing/fake-transport.js';
import { LeaseServer } from '../testing/lease-server.js';
import { LeaderElection } from './leader-election.js';

function stage() {
  const clock = new FakeClock();
  const server = new LeaseServer();
  const log: string[] = [];
  const candidate = (identity: string) => {
    let partitioned = false;
    const transport = new FakeTransport((call) => {
      if (partitioned) throw new Error('partitioned');
      return server.answer(call);
    });
    const client = new Client({ transport, clock, random: () => 0 });
    const options = {
      client,
      namespace: 'kube-system',
      name: 'l',
      identity,
      clock,
      random: () => 0,
      onError: () => {},
    };
    const election = new LeaderElection(options);
    const stop = new AbortController();
    const lead = async (signal: AbortSignal) => {
      log.push(`${identity} leads`);
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      log.push(`${identity} stops`);
    };
    const done = election.run(lead, stop.signal);
    return { election, stop: () => stop.abort(), done, cutOff: (yes: boolean) => (partitioned = yes) };
  };
  const spec = () => (isObject(server.lease?.spec) ? server.lease.spec : {});
  return { clock, log, candidate, spec };
}

describe('an election', () => {
  test('has one leader, who stays it as long as it renews', async () => {
    const { clock, log, candidate, spec } = stage();
    const a = candidate('a');
    await clock.pass(0);
    const b = candidate('b');
    await clock.pass(120_000);
    assert.deepEqual(log, ['a leads']);
    assert.equal(b.election.leader, 'a');
    assert.equal(spec().leaseTransitions, 0);
    assert.equal(spec().leaseDurationSeconds, 15);
    assert.equal(spec().acquireTime, '2026-01-01T00:00:00.000000Z');
    a.stop();
    b.stop();
    await clock.pass(10_000);
    await Promise.all([a.done, b.done]);
  });

  test('goes to another at once when the leader resigns', async () => {
    const { clock, log, candidate, spec } = stage();
    const a = candidate('a');
    await clock.pass(0);
    const b = candidate('b');
    await clock.pass(5_000);
    a.stop();
    await a.done;
    await clock.pass(2_000);
    assert.deepEqual(log, ['a leads', 'a stops', 'b leads']);
    assert.equal(spec().leaseTransitions, 1);
    b.stop();
    await b.done;
    assert.equal(spec().holderIdentity, '');
  });

  test('a leader that is cut off steps down before another may lead', async () => {
    const { clock, log, candidate } = stage();
    const a = candidate('a');
    await clock.pass(0);
    const b = candidate('b');
    await clock.pass(4_000);
    a.cutOff(true);
    await clock.pass(9_999);
    assert.deepEqual(log, ['a leads']);
    await clock.pass(2_001);
    assert.deepEqual(log, ['a leads', 'a stops']);
    await clock.pass(5_000);
    assert.deepEqual(log, ['a leads', 'a stops', 'b leads']);
    b.stop();
    await Promise.all([a.done, b.done]);
  });

  test('times that leave no time to step down are refused', () => {
    const client = new Client({
      transport: new FakeTransport(() => ({ status: 200, body: {} })),
      clock: new FakeClock(),
      random: () => 0,
    });
    const times = {
      client,
      namespace: 'n',
      name: 'l',
      identity: 'a',
      clock: new FakeClock(),
      random: () => 0,
      onError: () => {},
    };
    assert.throws(() => new LeaderElection({ ...times, leaseDurationMs: 10_000 }), RangeError);
    assert.throws(() => new LeaderElection({ ...times, retryPeriodMs: 9_000 }), RangeError);
  });
});
