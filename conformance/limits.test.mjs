// Limits under load: many connections and watches, readers that stall, floods of frames, memory that runs out, and crowds. In each
// case others are served meanwhile. LIMITS_COUNT says how many connections and watches (1,000).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http2 from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { after, before, describe, test } from 'node:test';
import tls from 'node:tls';

const KCP = new URL('../packages/kcp/bin/kcp.mjs', import.meta.url).pathname;
const COUNT = Number(process.env.LIMITS_COUNT ?? 1_000);
const STREAMS_PER_SESSION = 200;
const CMS = '/api/v1/namespaces/default/configmaps';
/** A healthy request may be held up by an attack this long, on a slow and busy machine. */
const P99_MS_MAX = 500;

/** A server as its own process, with whatever Node.js is told. */
async function start(nodeFlags, ...flags) {
  const folder = mkdtempSync(join(tmpdir(), 'kcp-limits-'));
  const child = spawn(process.execPath, [
    ...nodeFlags,
    KCP,
    'start',
    '--listen=127.0.0.1:0',
    '--in-memory',
    `--root-directory=${folder}`,
    ...flags,
  ]);
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    log = (log + text).slice(-10_000);
  });
  const [greeting] = await once(child.stdout.setEncoding('utf8'), 'data');
  const kubeconfig = readFileSync(join(folder, 'data/admin.kubeconfig'), 'utf8');
  const pem = (field) => Buffer.from(new RegExp(`${field}: *"?([^"\\s]+)`).exec(kubeconfig)[1], 'base64');
  return {
    child,
    log: () => log,
    url: /https:\S+(?=,)/.exec(greeting)[0],
    trusted: { ca: pem('certificate-authority-data'), servername: 'localhost' },
    identity: { cert: pem('client-certificate-data'), key: pem('client-key-data') },
    memoryMiB: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      rmSync(folder, { recursive: true });
    },
  };
}

function session(server, more = {}) {
  const opened = http2.connect(server.url, { ...server.trusted, ...server.identity, ...more });
  opened.on('error', () => {});
  opened.setMaxListeners(0);
  return opened;
}

async function call(on, method, path, body) {
  const stream = on.request({
    ':method': method,
    ':path': path,
    ...(body ? { 'content-type': 'application/json' } : {}),
  });
  stream.end(body);
  stream.setTimeout(20_000, () => stream.destroy(new Error('no answer in 20 s')));
  let head;
  stream.once('response', (headers) => {
    head = headers;
  });
  let text = '';
  for await (const part of stream.setEncoding('utf8')) text += part;
  return { code: head[':status'], head, text };
}

const configMap = (name, bytes) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: 'x'.repeat(bytes) } });

/** Asks for something ordinary until `done`; the 99th percentile of the answers' times in milliseconds. */
async function healthyP99(on, done) {
  const times = [];
  let over = false;
  const ending = done.finally(() => {
    over = true;
  });
  while (!over || times.length < 100) {
    const from = performance.now();
    assert.equal((await call(on, 'GET', '/api/v1/namespaces/default')).code, 200);
    times.push(performance.now() - from);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await ending;
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length * 0.99)];
}

/** Resolves when the server has closed, or fails when it takes longer. */
function closed(socket, ms = 10_000) {
  socket.resume();
  return socket.destroyed ? undefined : once(socket, 'close', { signal: AbortSignal.timeout(ms) });
}

/** RFC 9113 §4.1: length, type, flags, stream. */
function frame(type, flags, stream, payload = Buffer.alloc(0)) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}
const TYPE = { headers: 1, reset: 3, settings: 4, ping: 6, goaway: 7, continuation: 9 };
const FLAG = { endStream: 1, endHeaders: 4 };
const CODE = { refusedStream: 7, cancel: 8, enhanceYourCalm: 11 };
const PREFACE = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(TYPE.settings, 0, 0)]);
/** `GET https://x/` from the static table (RFC 7541, appendix A). */
const GET = Buffer.from([0x82, 0x87, 0x84, 0x41, 1, 0x78]);
const number = (value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

function connect(server, protocol = 'h2', identity = {}) {
  const { hostname, port } = new URL(server.url);
  const socket = tls.connect({ host: hostname, port, ...server.trusted, ...identity, ALPNProtocols: [protocol] });
  socket.on('error', () => {});
  return socket;
}

async function connected(...of) {
  const socket = connect(...of);
  await once(socket, 'secureConnect');
  return socket;
}

/** Collects the frames that a server sends. */
function framesOf(socket) {
  const frames = [];
  let bytes = Buffer.alloc(0);
  socket.on('data', (part) => {
    bytes = Buffer.concat([bytes, part]);
    while (bytes.length >= 9 && bytes.length >= 9 + bytes.readUIntBE(0, 3)) {
      const end = 9 + bytes.readUIntBE(0, 3);
      frames.push({ type: bytes[3], stream: bytes.readUInt32BE(5), payload: bytes.subarray(9, end) });
      bytes = bytes.subarray(end);
    }
  });
  return frames;
}

/** Writes `piece(i)` as fast as the socket lives, at most `count` times; how many went out. */
async function flood(socket, count, piece) {
  let sent = 0;
  while (sent < count && !socket.destroyed && socket.writable) {
    for (let i = 0; i < 100 && sent < count; i++, sent++) socket.write(piece(sent));
    await new Promise(setImmediate);
  }
  return sent;
}

describe('many clients, and hostile ones', () => {
  let server;
  let healthy;

  before(async () => {
    server = await start([]);
    healthy = session(server);
    await call(healthy, 'POST', '/api/v1/namespaces', '{"metadata":{"name":"default"}}');
  });
  after(async () => {
    healthy.destroy();
    await server.stop();
  });

  test(`${COUNT} connections that say nothing`, async (context) => {
    const from = server.memoryMiB();
    const sockets = [];
    const opening = (async () => {
      while (sockets.length < COUNT) {
        const some = await Promise.all(
          Array.from({ length: Math.min(20, COUNT - sockets.length) }, () => connected(server)),
        );
        sockets.push(...some);
      }
    })();
    const during = await healthyP99(healthy, opening);
    const afterwards = await healthyP99(healthy, Promise.resolve());
    const kib = ((server.memoryMiB() - from) * 1024) / COUNT;
    context.diagnostic(
      `p99 ${during.toFixed(1)} ms while they come, ${afterwards.toFixed(1)} ms then; ${kib.toFixed(0)} KiB each`,
    );
    const alive = sockets.filter((socket) => !socket.destroyed).length;
    for (const socket of sockets) socket.destroy();
    assert.ok(afterwards < P99_MS_MAX, `${afterwards} ms`);
    assert.ok(alive > COUNT * 0.9 || COUNT > 14_336, `${alive} stayed open`);
    assert.ok(kib < 256, `${kib} KiB for each`);
  });

  test(`${COUNT} watches`, async (context) => {
    const from = server.memoryMiB();
    const sessions = Array.from({ length: Math.ceil(COUNT / STREAMS_PER_SESSION) }, () => session(server));
    let got = 0;
    let all;
    const everybody = new Promise((resolve) => {
      all = resolve;
    });
    for (let i = 0; i < COUNT; i += STREAMS_PER_SESSION) {
      const size = Math.min(STREAMS_PER_SESSION, COUNT - i);
      const opened = Array.from({ length: size }, () => {
        const stream = sessions[i / STREAMS_PER_SESSION].request({
          ':path': `${CMS}?watch=1&fieldSelector=metadata.name%3Dseen`,
        });
        stream.on('data', (part) => {
          // One event is one line, however many parts it comes in.
          if (part.includes(0x0a) && ++got === COUNT) all();
        });
        stream.on('error', () => {});
        return once(stream, 'response');
      });
      await Promise.all(opened);
    }
    const kib = ((server.memoryMiB() - from) * 1024) / COUNT;
    const idle = await healthyP99(healthy, Promise.resolve());
    const sent = performance.now();
    assert.equal((await call(healthy, 'POST', CMS, configMap('seen', 100))).code, 201);
    await everybody;
    const fanOut = performance.now() - sent;
    context.diagnostic(
      `${kib.toFixed(0)} KiB each, p99 ${idle.toFixed(1)} ms, one event to all ${fanOut.toFixed(0)} ms`,
    );
    for (const each of sessions) each.destroy();
    assert.ok(kib < 128, `${kib} KiB for each`);
    assert.ok(idle < P99_MS_MAX, `${idle} ms`);
    assert.equal(got, COUNT);
  });

  test(`${Math.min(COUNT, 1_000)} watches whose clients do not read: memory stays bounded, others are served`, async (context) => {
    const count = Math.min(COUNT, 1_000);
    const stalled = Array.from({ length: Math.ceil(count / STREAMS_PER_SESSION) }, () =>
      session(server, { settings: { initialWindowSize: 0 } }),
    );
    for (const each of stalled) {
      const opened = Array.from({ length: count / stalled.length }, () => {
        const stream = each.request({ ':path': `${CMS}?watch=1` });
        stream.on('error', () => {});
        return once(stream, 'response');
      });
      await Promise.all(opened);
    }
    const from = server.memoryMiB();
    const churn = (async () => {
      for (let i = 0; i < 200; i++) await call(healthy, 'POST', CMS, configMap(`churn-${i}`, 100_000));
    })();
    const p99 = await healthyP99(healthy, churn);
    const grown = server.memoryMiB() - from;
    context.diagnostic(`20 MB of events for each: ${grown.toFixed(0)} MiB more, p99 ${p99.toFixed(1)} ms`);
    for (const each of stalled) each.destroy();
    assert.ok(p99 < P99_MS_MAX, `${p99} ms`);
    // The objects are there once; each watch holds one write at the most.
    assert.ok(grown < 400, `${grown} MiB`);
  });

  test('CVE-2023-44487: a client that takes its requests back is told to calm down', async () => {
    const socket = await connected(server);
    const frames = framesOf(socket);
    socket.write(PREFACE);
    const attack = flood(socket, 50_000, (i) => {
      const id = 2 * i + 1;
      const block = frame(TYPE.headers, FLAG.endStream | FLAG.endHeaders, id, GET);
      return Buffer.concat([block, frame(TYPE.reset, 0, id, number(CODE.cancel))]);
    });
    const p99 = await healthyP99(healthy, attack);
    await closed(socket);
    const farewell = frames.find(({ type }) => type === TYPE.goaway);
    assert.equal(farewell?.payload.readUInt32BE(4), CODE.enhanceYourCalm);
    assert.ok(p99 < P99_MS_MAX, `${p99} ms`);
  });

  test('an honest client may take back all that it has open', async () => {
    const honest = session(server);
    const taken = Array.from({ length: 250 }, () => {
      const stream = honest.request({ ':path': '/api/v1/namespaces/default' });
      stream.on('error', () => {});
      stream.close(http2.constants.NGHTTP2_CANCEL);
      return once(stream, 'close');
    });
    await Promise.all(taken);
    assert.equal((await call(honest, 'GET', '/api/v1/namespaces/default')).code, 200);
    honest.destroy();
  });

  test('CVE-2024-27983: header blocks without an end end the connection', async () => {
    const socket = await connected(server);
    socket.resume();
    // `x-a: aaaa…` as literals without indexing (RFC 7541 §6.2.2).
    const field = Buffer.concat([Buffer.from([0, 3]), Buffer.from('x-a'), Buffer.from([100]), Buffer.alloc(100, 0x61)]);
    const block = Buffer.concat(Array.from({ length: 100 }, () => field));
    socket.write(Buffer.concat([PREFACE, frame(TYPE.headers, 0, 1, block)]));
    const from = server.memoryMiB();
    const attack = flood(socket, 20_000, () => frame(TYPE.continuation, 0, 1, block));
    const p99 = await healthyP99(healthy, attack);
    assert.ok((await attack) < 20_000, 'the server ended it');
    assert.ok(p99 < P99_MS_MAX, `${p99} ms`);
    assert.ok(server.memoryMiB() - from < 200);
    socket.destroy();
  });

  test('floods of PING and SETTINGS by a client that reads nothing are bounded', async () => {
    for (const piece of [frame(TYPE.ping, 0, 0, Buffer.alloc(8)), frame(TYPE.settings, 0, 0)]) {
      const socket = await connected(server);
      socket.pause();
      socket.write(PREFACE);
      const from = server.memoryMiB();
      const p99 = await healthyP99(
        healthy,
        flood(socket, 100_000, () => piece),
      );
      assert.ok(p99 < P99_MS_MAX, `${p99} ms`);
      assert.ok(server.memoryMiB() - from < 200);
      socket.destroy();
    }
  });

  test('of the streams without credentials that one connection has open, those beyond a hundred are refused', async () => {
    const socket = await connected(server);
    const frames = framesOf(socket);
    // SETTINGS_INITIAL_WINDOW_SIZE 0: no answer can be finished.
    socket.write(Buffer.concat([PREFACE, frame(TYPE.settings, 0, 0, Buffer.from([0, 4, 0, 0, 0, 0]))]));
    for (let i = 0; i < 150; i++) {
      socket.write(frame(TYPE.headers, FLAG.endStream | FLAG.endHeaders, 2 * i + 1, GET));
    }
    await healthyP99(healthy, new Promise((resolve) => setTimeout(resolve, 500)));
    const refused = frames.filter(
      ({ type, payload }) => type === TYPE.reset && payload.readUInt32BE(0) === CODE.refusedStream,
    );
    assert.equal(refused.length, 50);
    socket.destroy();
  });

  test('heads and bodies that come by drops, on both protocols, hold nobody up', async () => {
    const sockets = [];
    for (let i = 0; i < 100; i++) {
      const one = await connected(server, 'http/1.1');
      one.write('GET / HTTP/1.1\r\nHost: lo');
      const two = await connected(server, 'h2');
      two.write(Buffer.concat([PREFACE, frame(TYPE.headers, 0, 1, GET.subarray(0, 3))]));
      const three = await connected(server, 'http/1.1', server.identity);
      three.write(
        `POST ${CMS} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{`,
      );
      sockets.push(one, two, three);
    }
    const p99 = await healthyP99(healthy, new Promise((resolve) => setTimeout(resolve, 500)));
    assert.ok(p99 < P99_MS_MAX, `${p99} ms`);
    // A head may take 32 seconds, however busily its drops come.
    const heads = sockets.filter((_, i) => i % 3 < 2);
    await Promise.all(heads.map((socket) => closed(socket, 45_000)));
    for (const socket of sockets) socket.destroy();
  });
});

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
