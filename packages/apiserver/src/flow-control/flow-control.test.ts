import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import fc from 'fast-check';
import type { ResourceAttributes } from '../authz/authorizer.js';
import { systemClock } from '../clock.js';
import { DEFAULT_FLOW_CONTROL } from './default-flows.js';
import { FlowControl, type Seat } from './flow-control.js';
import { parseFlowConfig } from './parse-flow-config.js';
import { dealHand } from './shuffle-shard.js';

const never = new AbortController().signal;

function asks(user: string, cluster = 'root', groups = ['system:authenticated']): ResourceAttributes {
  return {
    kind: 'resource',
    user: { name: user, uid: '', groups, extra: {} },
    scope: cluster as ClusterName,
    verb: 'get',
    group: '',
    version: 'v1',
    resource: 'configmaps',
    subresource: '',
    namespace: 'default',
    name: 'a',
  };
}

/** A server that works on one thing after another, and the order in which it came to them. */
class Bench {
  readonly control = new FlowControl({ ...DEFAULT_FLOW_CONTROL, seats: 4 }, systemClock);
  readonly order: string[] = [];
  readonly #held: Seat[] = [];
  refused = 0;

  ask(user: string, cluster = 'root', seats = 1, groups?: string[]): void {
    const entry = this.control.enter(
      asks(user, cluster, groups),
      () => seats,
      () => never,
    );
    if (entry instanceof Promise) {
      entry.then(
        (seat) => this.#work(user, seat),
        () => this.refused++,
      );
    } else this.#work(user, entry);
  }

  #work(user: string, seat: Seat): void {
    this.order.push(user);
    this.#held.push(seat);
  }

  /** Finishes what is under way until nothing is left. */
  async finish(): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      const seat = this.#held.shift();
      if (seat === undefined) return;
      seat.leave();
    }
  }
}

describe('flow control', () => {
  test('lets in at once while there is room', async () => {
    const bench = new Bench();
    bench.ask('ann');
    bench.ask('bob');
    assert.deepEqual(bench.order, ['ann', 'bob']);
    await bench.finish();
  });

  test('gives another tenant his turn at once, however long the line of the first is', async () => {
    const bench = new Bench();
    for (let i = 0; i < 150; i++) bench.ask('greedy', 'big');
    bench.ask('modest', 'small');
    await bench.finish();
    assert.ok(bench.order.indexOf('modest') <= 6, `turn ${bench.order.indexOf('modest')}`);
    assert.equal(bench.order.length + bench.refused, 151);
  });

  test('gives another user of the tenant his turn, too', async () => {
    const bench = new Bench();
    for (let i = 0; i < 100; i++) bench.ask('greedy');
    bench.ask('modest');
    await bench.finish();
    assert.ok(bench.order.indexOf('modest') <= 7, `turn ${bench.order.indexOf('modest')}`);
  });

  test('gains a tenant nothing for having many users', async () => {
    const bench = new Bench();
    for (let i = 0; i < 20; i++) for (let user = 0; user < 10; user++) bench.ask(`many-${user}`, 'crowd');
    for (let i = 0; i < 20; i++) bench.ask('one', 'loner');
    await bench.finish();
    const half = bench.order.slice(0, 50).filter((user) => user === 'one').length;
    assert.ok(half >= 15, `${half} of the first 50`);
  });

  test('counts a wide request for what it is', async () => {
    const bench = new Bench();
    for (let i = 0; i < 30; i++) {
      bench.ask('wide', 'a', 2);
      bench.ask('narrow', 'b');
    }
    await bench.finish();
    const early = bench.order.slice(0, 30).filter((user) => user === 'narrow').length;
    assert.ok(early >= 17, `${early} narrow ones of the first 30`);
  });

  test('sends away who finds the line full, and never what is exempt', async () => {
    const bench = new Bench();
    for (let i = 0; i < 2_000; i++) bench.ask('greedy');
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(bench.refused > 1_500, `${bench.refused}`);
    bench.ask('admin', 'root', 10, ['system:masters']);
    assert.equal(bench.order.at(-1), 'admin');
    const text: string[] = [];
    for (const metric of bench.control.metrics()) metric.write(text);
    assert.match(
      text.join('\n'),
      /rejected_requests_total\{priority_level="global-default",flow_schema="global-default",reason="queue-full"\} 1\d{3}/,
    );
    await bench.finish();
  });

  test('keeps the system level going while a tenant floods', async () => {
    const bench = new Bench();
    for (let i = 0; i < 100; i++) bench.ask('greedy');
    bench.ask('system:serviceaccount:kube-system:gc', 'root', 1, ['system:serviceaccounts', 'system:authenticated']);
    assert.equal(bench.order.at(-1), 'system:serviceaccount:kube-system:gc');
    await bench.finish();
  });

  test('leaves seats to others when all requests of a flow are stuck', async () => {
    const bench = new Bench();
    for (let i = 0; i < 20; i++) bench.ask('stuck');
    bench.ask('modest');
    // Nobody has left a seat: the modest one goes past the line of the other.
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(bench.order, ['stuck', 'stuck', 'modest']);
    await bench.finish();
    assert.equal(bench.order.length, 21);
  });

  test('forgets who went away while he waited', async () => {
    const bench = new Bench();
    for (let i = 0; i < 20; i++) for (const user of ['greedy', 'also-greedy']) bench.ask(user);
    const gone = new AbortController();
    const entry = bench.control.enter(
      asks('gone'),
      () => 1,
      () => gone.signal,
    );
    gone.abort();
    await assert.rejects(Promise.resolve(entry), { reason: 'cancelled' });
    await bench.finish();
    assert.ok(!bench.order.includes('gone'));
  });

  test('serves or refuses everybody, whatever comes', async () => {
    const request = fc.record({
      user: fc.constantFrom('a', 'b', 'c'),
      cluster: fc.constantFrom('x1', 'x2', 'x3'),
      seats: fc.integer({ min: 1, max: 10 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(request, { maxLength: 60 }), async (requests) => {
        const bench = new Bench();
        for (const { user, cluster, seats } of requests) bench.ask(user, cluster, seats);
        await bench.finish();
        assert.equal(bench.order.length + bench.refused, requests.length);
      }),
      { numRuns: 30 },
    );
  });

  test('deals different cards', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 10 }), (hash, deck, size) => {
        const hand = dealHand(hash, deck, size);
        assert.equal(new Set(hand).size, Math.min(deck, size));
        assert.ok(hand.every((card) => card >= 0 && card < deck));
      }),
    );
  });

  test('takes levels and flows as Kubernetes writes them', () => {
    const apiVersion = 'flowcontrol.apiserver.k8s.io/v1';
    const level = {
      apiVersion,
      kind: 'PriorityLevelConfiguration',
      metadata: { name: 'l' },
      spec: {
        type: 'Limited',
        limited: { nominalConcurrencyShares: 5, limitResponse: { type: 'Queue', queuing: { queues: 8, handSize: 2 } } },
      },
    };
    const schema = (name: string) => ({
      apiVersion,
      kind: 'FlowSchema',
      metadata: { name: 's' },
      spec: {
        priorityLevelConfiguration: { name },
        distinguisherMethod: { type: 'ByUser' },
        rules: [
          {
            subjects: [{ kind: 'Group', group: { name: 'crew' } }],
            nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
          },
        ],
      },
    });
    const { levels, flows } = parseFlowConfig({ kind: 'List', items: [level, schema('l')] });
    assert.deepEqual(levels[0]?.limited, { shares: 5, queues: { queues: 8, handSize: 2, lengthMax: 50 } });
    assert.deepEqual(flows[0]?.rules[0]?.subjects, [{ kind: 'Group', name: 'crew' }]);
    assert.throws(() => parseFlowConfig({ kind: 'List', items: [level, schema('other')] }), {
      name: 'FlowConfigError',
    });
  });
});
