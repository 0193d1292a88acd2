// A server as its own process, clients of it, and how long a healthy one waits meanwhile.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http2 from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

const KCP = new URL('../packages/kcp/bin/kcp.mjs', import.meta.url).pathname;
export const CMS = '/api/v1/namespaces/default/configmaps';
/** A healthy request may be held up by an attack this long, on a slow and busy machine. */
export const P99_MS_MAX = 500;

/** A server as its own process, with whatever Node.js is told. */
export async function start(nodeFlags, ...flags) {
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

export function session(server, more = {}) {
  const opened = http2.connect(server.url, { ...server.trusted, ...server.identity, ...more });
  opened.on('error', () => {});
  opened.setMaxListeners(0);
  return opened;
}

export async function call(on, method, path, body) {
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

export const configMap = (name, bytes) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: 'x'.repeat(bytes) } });

/** Asks for something ordinary until `done`; the 99th percentile of the answers' times in milliseconds. */
export async function healthyP99(on, done) {
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
