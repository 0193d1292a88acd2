// Crowds: one user who asks for more than there is, and memory that runs out. In each case others are served meanwhile.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { after, before, describe, test } from 'node:test';
import { CMS, call, configMap, healthyP99, P99_MS_MAX, session, start } from './under-load.mjs';

describe('one user who asks for far more than there is', () => {
  const CROWD = { 'impersonate-user': 'crowd' };
  const LISTS = '/api/v1/namespaces/long/configmaps';
  let server;
  let healthy;

  before(async () => {
    server = await start([]);
    healthy = session(server);
    for (const name of ['default', 'long']) {
      await call(healthy, 'POST', '/api/v1/namespaces', JSON.stringify({ metadata: { name } }));
    }
    const apiGroup = 'rbac.authorization.k8s.io';
    const binding = {
      metadata: { name: 'crowd' },
      roleRef: { apiGroup, kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ apiGroup, kind: 'User', name: 'crowd' }],
    };
    await call(healthy, 'POST', `/apis/${apiGroup}/v1/clusterrolebindings`, JSON.stringify(binding));
    for (let i = 0; i < 50; i++) await call(healthy, 'POST', LISTS, configMap(`l${i}`, 20_000));
  });
  after(async () => {
    healthy.destroy();
    await server.stop();
  });

  /** How many requests wait, and how many seats are in use, over all levels. */
  async function atWork() {
    const { text } = await call(healthy, 'GET', '/metrics');
    const sum = (name) =>
      [...text.matchAll(new RegExp(`^apiserver_flowcontrol_${name}\\{[^}]*\\} (\\d+)$`, 'gm'))].reduce(
        (total, [, value]) => total + Number(value),
        0,
      );
    return { waiting: sum('current_inqueue_requests'), seats: sum('current_executing_seats') };
  }

  test('seats and places in line are free again soon after its connections were cut off in the middle of long lists', async (context) => {
    const crowd = Array.from({ length: 8 }, () => session(server, { settings: { initialWindowSize: 16 << 20 } }));
    for (const each of crowd) {
      for (let i = 0; i < 80; i++) {
        const stream = each.request({ ':path': LISTS, ...CROWD });
        stream.on('error', () => {});
        stream.pause();
      }
    }
    await Promise.all(crowd.map((each) => each.connecting && once(each, 'connect')));
    let most = 0;
    for (let i = 0; i < 20; i++) {
      most = Math.max(most, (await atWork()).seats);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.ok(most > 0, 'it came to that');
    const cut = performance.now();
    for (const each of crowd) each.destroy();
    let left = await atWork();
    while (left.seats + left.waiting > 0 && performance.now() - cut < 10_000) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      left = await atWork();
    }
    const took = performance.now() - cut;
    context.diagnostic(`${most} seats at the most, free after ${took.toFixed(0)} ms`);
    assert.ok(took < 3_000, `${took} ms`);
  });

  test('memory is bounded while it sends large objects, and others are served', async (context) => {
    const crowd = Array.from({ length: 10 }, () => session(server, { maxSessionMemory: 1_000 }));
    const body = configMap('large', 900_000);
    const from = server.memoryMiB();
    let most = 0;
    let over = false;
    const codes = new Map();
    const workers = Array.from({ length: 320 }, async (_, i) => {
      while (!over) {
        // Nothing is stored, so all memory that it takes is that of requests.
        const stream = crowd[i % crowd.length].request({
          ...{ ':method': 'POST', ':path': `${CMS}?dryRun=All`, 'content-type': 'application/json' },
          ...{ 'content-length': String(body.length), ...CROWD },
        });
        let code = 0;
        stream.on('response', (head) => {
          code = head[':status'];
        });
        stream.on('error', () => {});
        stream.resume();
        stream.end(body);
        // Whoever is refused need not send the rest; Node.js would wait for it.
        await once(stream, 'end').catch(() => {});
        stream.close();
        codes.set(code, (codes.get(code) ?? 0) + 1);
        most = Math.max(most, server.memoryMiB());
        if (code === 429) await new Promise((resolve) => setTimeout(resolve, 100));
      }
    });
    const p99 = await healthyP99(healthy, new Promise((resolve) => setTimeout(resolve, 5_000)));
    over = true;
    await Promise.all(workers);
    for (const each of crowd) each.destroy();
    const answers = [...codes].map(([code, count]) => `${count} times ${code}`).join(', ');
    context.diagnostic(`${(most - from).toFixed(0)} MiB more, p99 ${p99.toFixed(1)} ms, ${answers}`);
    assert.ok(codes.get(201) > 0, answers);
    assert.ok(most - from < 350, `${most - from} MiB`);
    assert.ok(p99 < P99_MS_MAX, `${p99} ms`);
    assert.equal((await call(healthy, 'GET', '/livez')).code, 200);
  });
});

describe('256 MiB of memory', () => {
  const LIMIT_MIB = 256;
  let server;

  before(async () => {
    server = await start(['--max-old-space-size=192'], `--memory-limit-bytes=${LIMIT_MIB * 1024 * 1024}`);
  });
  after(() => server.stop());

  test('work is refused with 429 before it is used up; what gives memory back is taken on', async (context) => {
    const client = session(server);
    await call(client, 'POST', '/api/v1/namespaces', '{"metadata":{"name":"default"}}');
    let made = 0;
    let refused;
    let most = 0;
    const workers = Array.from({ length: 16 }, async () => {
      while (refused === undefined && made < 10_000) {
        const answer = await call(client, 'POST', CMS, configMap(`m-${made++}`, 100_000));
        most = Math.max(most, server.memoryMiB());
        if (answer.code === 429) refused = answer;
        else assert.equal(answer.code, 201, answer.text);
      }
    });
    await Promise.all(workers);
    assert.ok(refused, 'it came to that');
    assert.ok(Number(refused.head['retry-after']) > 0);
    assert.equal(JSON.parse(refused.text).reason, 'TooManyRequests');
    // It goes on like this for a while, with lists that would take several times what is left.
    for (let i = 0; i < 200; i++) {
      const { code } =
        i % 2 ? await call(client, 'GET', CMS) : await call(client, 'POST', CMS, configMap(`n-${i}`, 100_000));
      assert.ok([200, 201, 429].includes(code), `${code}`);
      most = Math.max(most, server.memoryMiB());
    }
    for (const probe of ['/livez', '/readyz']) assert.equal((await call(client, 'GET', probe)).code, 200);
    context.diagnostic(`${made} objects of 100 kB; ${most.toFixed(0)} MiB resident at the most`);
    assert.equal(server.child.exitCode, null, server.log());
    // File-backed pages of the program itself count for resident, not for what it was given.
    assert.ok(most < LIMIT_MIB + 64, `${most} MiB`);
    client.destroy();
  });
});
