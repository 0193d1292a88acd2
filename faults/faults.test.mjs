// Clients at work while things break under them; afterwards everything they were told is held against what must hold:
// each key is linearizable, and each watch heard of each change once, in order.
//   npm run test:faults                         short, as in CI
//   FAULT_ROUNDS=1000 FAULT_SECONDS=600 npm run test:faults
import assert from 'node:assert/strict';
import { setMaxListeners } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { EtcdServer, NO_ETCD } from '@kcp/storage/testing/etcd-server';
import { checkRegister } from './check-register.mjs';
import { checkWatches } from './check-watch.mjs';
import { Client, heardAll, Record, watch } from './clients.mjs';
import { Connection, startServer, stopServer } from './server.mjs';

const ROUNDS = Number(process.env.FAULT_ROUNDS ?? 8);
const SECONDS = Number(process.env.FAULT_SECONDS ?? 12);
const CLIENTS = 8;
const WATCHES = 4;
const KEYS = ['a', 'b', 'c', 'd', 'e'];
const PATH = '/api/v1/namespaces/default/configmaps';
const SETTLE_MS = 20_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const CLOCK_JUMPS = 6;
const JUMPING_CLOCK = new URL('jumping-clock.mjs', import.meta.url).href;
const timeout = 2 * MINUTE_MS + ROUNDS * 1_000 + SECONDS * 2_000;

const folder = mkdtempSync(join(tmpdir(), 'kcp-faults-'));
after(() => rmSync(folder, { recursive: true }));

/** Clients and watches at work on the servers while `faults` goes on; resolves with what they have seen. */
async function underLoad(servers, faults) {
  const record = new Record();
  for (const key of KEYS) record.operations.set(key, []);
  const first = new Connection(servers[0]);
  const start = Number((await first.call('GET', PATH)).object.metadata.resourceVersion);
  const [working, watching] = [new AbortController(), new AbortController()];
  // Each stream of each watch listens.
  setMaxListeners(0, watching.signal);
  const clients = Array.from({ length: CLIENTS }, (_, id) => new Client(id, servers, record).run(KEYS, working.signal));
  const watches = Array.from({ length: WATCHES }, (_, i) =>
    watch(i % 2 === 0 ? servers : [...servers].reverse(), start, record, watching.signal),
  );
  await faults(record);
  working.abort();
  await Promise.all(clients);
  const last = await lastChange(first, record);
  const heard = await heardAll(record, last, SETTLE_MS);
  watching.abort();
  await Promise.all(watches);
  first.close();
  assert.ok(heard, `every watch hears of revision ${last} in the end`);
  return record;
}

/** Makes a last change that everybody has to hear of; until somebody answers. */
async function lastChange(connection, record) {
  for (const until = Date.now() + SETTLE_MS; Date.now() < until; await pause(100)) {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'last-' }, data: { v: 'last' } };
    const answer = await connection.call('POST', PATH, body).catch(() => undefined);
    if (answer?.status !== 201) continue;
    const { name, resourceVersion } = answer.object.metadata;
    record.writes.push({ key: name, revision: Number(resourceVersion), value: 'last' });
    return Number(resourceVersion);
  }
  throw new Error('the server does not recover');
}

function verify(record, story) {
  const count = [...record.operations.values()].reduce((sum, operations) => sum + operations.length, 0);
  const events = record.watches.reduce((sum, one) => sum + one.events.length, 0);
  const failures = [...record.failures].map(([what, times]) => `${times} × ${what}`).join(', ');
  story.diagnostic(`${count} operations, ${record.writes.length} acknowledged writes, ${events} events, ${failures}`);
  for (const [key, operations] of record.operations) {
    assert.deepEqual(checkRegister(operations), undefined, `the history of ${key} is linearizable`);
  }
  assert.deepEqual(checkWatches(record.watches, record.writes).slice(0, 5), []);
  assert.ok(record.writes.length > 20, 'clients got somewhere');
}

test(`one embedded server, killed ${ROUNDS} times`, { timeout }, async (story) => {
  const directory = join(folder, 'embedded');
  const server = await startServer({ directory });
  const record = await underLoad([server], async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await pause(100 + ((round * 137) % 400));
      await stopServer(server, 'SIGKILL');
      Object.assign(server, await startServer({ directory, port: server.port }));
    }
    await pause(300);
  });
  await stopServer(server, 'SIGTERM');
  verify(record, story);
});

test(`two servers on three etcd members, of which one each is killed, paused, and killed with a server for ${SECONDS} s`, {
  skip: NO_ETCD,
  timeout,
}, async (story) => {
  const etcd = await EtcdServer.start(3);
  const flags = ['--etcd-servers', etcd.endpoints.join(',')];
  const directories = [0, 1].map((i) => join(folder, `server-${i}`));
  const servers = [];
  try {
    for (const directory of directories) servers.push(await startServer({ directory, flags }));
    const breaks = [
      async (member) => {
        await etcd.kill(member);
        await pause(1_500);
        etcd.restart(member);
      },
      async (member) => {
        etcd.signal(member, 'SIGSTOP');
        await pause(2_000);
        etcd.signal(member, 'SIGCONT');
      },
      async (member) => {
        const server = servers[member % 2];
        await stopServer(server, 'SIGKILL');
        await pause(300);
        Object.assign(server, await startServer({ directory: directories[member % 2], port: server.port, flags }));
      },
    ];
    const record = await underLoad(servers, async () => {
      const end = Date.now() + SECONDS * 1_000;
      for (let round = 0; Date.now() < end; round++) {
        await pause(700);
        await breaks[round % 3](Math.floor(round / 3 + round) % 3);
      }
      await etcd.ready();
    });
    for (const server of servers) await stopServer(server, 'SIGTERM');
    verify(record, story);
  } finally {
    for (const server of servers) await stopServer(server, 'SIGKILL');
    await etcd.stop();
  }
});

test('an embedded server whose clock jumps by an hour and back', { timeout }, async (story) => {
  const directory = join(folder, 'clock');
  const server = await startServer({ directory, preload: JUMPING_CLOCK });
  const seen = new Connection(server);
  const made = async () => {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'time-' } };
    return Date.parse((await seen.call('POST', PATH, body)).object.metadata.creationTimestamp);
  };
  const times = [];
  const record = await underLoad([server], async () => {
    for (let jump = 0; jump < CLOCK_JUMPS; jump++) {
      await pause(400);
      times.push(await made());
      server.child.kill('SIGUSR2');
    }
    await pause(400);
  });
  const ready = await seen.call('GET', '/readyz');
  seen.close();
  await stopServer(server, 'SIGTERM');
  assert.equal(ready.status, 200);
  const jumps = times.slice(1).map((time, i) => Math.abs(time - times[i]) > HOUR_MS / 2);
  assert.ok(jumps.every(Boolean), `the clock jumped each time: ${times}`);
  verify(record, story);
});

test('two servers on one etcd, of which the one that leads has its clock jump', {
  skip: NO_ETCD,
  timeout,
}, async (story) => {
  const etcd = await EtcdServer.start();
  const flags = ['--etcd-servers', etcd.endpoints.join(',')];
  const servers = [];
  try {
    for (const preload of [JUMPING_CLOCK, undefined]) {
      servers.push(await startServer({ directory: join(folder, `clock-${servers.length}`), flags, preload }));
    }
    const record = await underLoad(servers, async () => {
      for (let jump = 0; jump < CLOCK_JUMPS; jump++) {
        await pause(500);
        servers[0].child.kill('SIGUSR2');
      }
      await pause(500);
    });
    for (const server of servers) await stopServer(server, 'SIGTERM');
    verify(record, story);
  } finally {
    for (const server of servers) await stopServer(server, 'SIGKILL');
    await etcd.stop();
  }
});

test('a server whose etcd lost its quorum says so, refuses, and goes on by itself', {
  skip: NO_ETCD,
  timeout,
}, async () => {
  const etcd = await EtcdServer.start(3);
  const directory = join(folder, 'quorum');
  let server;
  try {
    server = await startServer({ directory, flags: ['--etcd-servers', etcd.endpoints.join(',')] });
    const connection = new Connection(server);
    const write = () =>
      connection.call('POST', PATH, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'q-' } });
    const until = async (wanted) => {
      for (const end = Date.now() + SETTLE_MS; Date.now() < end; await pause(200)) {
        const { status, object } = await connection.call('GET', '/readyz');
        if (status === wanted) return object;
      }
      throw new Error(`readyz does not become ${wanted}`);
    };
    await until(200);
    assert.equal((await write()).status, 201);
    await Promise.all([etcd.kill(1), etcd.kill(2)]);
    assert.match(await until(500), /\[-\]etcd failed/);
    for (const answer of await Promise.all([write(), connection.call('GET', PATH)])) {
      assert.ok(answer.status >= 500, `${answer.status}: nobody can know`);
    }
    etcd.restart(1);
    etcd.restart(2);
    await until(200);
    assert.equal((await write()).status, 201);
    assert.equal((await connection.call('GET', PATH)).status, 200);
    connection.close();
  } finally {
    if (server !== undefined) await stopServer(server, 'SIGTERM');
    await etcd.stop();
  }
});
