// A load on one server over HTTP/2 and TLS: named rows, each bounded in count.

import { readFileSync } from 'node:fs';
import http2 from 'node:http2';

const WINDOW_BYTES = 16 << 20;
const PAYLOAD = 'x'.repeat(900);

/** Reads address and credentials from a kubeconfig that this project wrote. */
export function readKubeconfig(file) {
  const text = readFileSync(file, 'utf8');
  const field = (name) => new RegExp(`${name}:\\s*"?([^"\\s]+)`).exec(text)?.[1];
  const pem = (name) => Buffer.from(field(name), 'base64');
  return {
    url: new URL(field('server')),
    ca: pem('certificate-authority-data'),
    cert: pem('client-certificate-data'),
    key: pem('client-key-data'),
  };
}

export class Load {
  #sessions = [];
  #turn = 0;

  /** `pid` is the server's process, for its processor time and memory. */
  constructor(kubeconfig, pid, prefix = '') {
    this.kubeconfig = kubeconfig;
    this.pid = pid;
    this.prefix = prefix;
  }

  async open(count = 4) {
    this.#sessions = await Promise.all(Array.from({ length: count }, () => this.session()));
  }

  session() {
    const { url, ca, cert, key } = this.kubeconfig;
    return new Promise((resolve, reject) => {
      const session = http2.connect(
        url.origin,
        { ca, cert, key, servername: 'localhost', settings: { initialWindowSize: WINDOW_BYTES } },
        () => {
          session.setLocalWindowSize(WINDOW_BYTES);
          resolve(session);
        },
      );
      session.setMaxListeners(0);
      session.once('error', reject);
    });
  }

  call(method, path, body, headers = {}, session = this.#sessions[this.#turn++ % this.#sessions.length]) {
    return new Promise((resolve, reject) => {
      const from = performance.now();
      const stream = session.request({
        ':method': method,
        ':path': this.prefix + path,
        accept: 'application/json',
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...headers,
      });
      let status = 0;
      const parts = [];
      stream.on('response', (head) => {
        status = head[':status'];
      });
      stream.on('data', (part) => parts.push(part));
      stream.on('end', () =>
        resolve({ status, ms: performance.now() - from, text: () => Buffer.concat(parts).toString() }),
      );
      stream.on('error', reject);
      stream.end(body);
    });
  }

  /** `count` calls by `clients` at a time; a row of rates, times and what they cost the server. */
  async row(name, count, clients, call) {
    const times = [];
    let next = 0;
    let failed = 0;
    const cpu = this.cpuMs();
    const from = performance.now();
    await Promise.all(
      Array.from({ length: clients }, async () => {
        while (next < count) {
          const { status, ms } = await call(next++);
          if (status >= 300) failed++;
          times.push(ms);
        }
      }),
    );
    const seconds = (performance.now() - from) / 1_000;
    return {
      row: name,
      'per second': Math.round(count / seconds),
      'p50 ms': quantile(times, 0.5),
      'p99 ms': quantile(times, 0.99),
      'cpu ms each': round((this.cpuMs() - cpu) / count, 3),
      'RSS MiB': this.rssMiB(),
      failed,
    };
  }

  cpuMs() {
    const fields = readFileSync(`/proc/${this.pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }

  rssMiB() {
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))[1]) / 1024);
  }

  close() {
    for (const session of this.#sessions) session.close();
  }
}

export const configMap = (name, data = { payload: PAYLOAD }) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: { app: 'bench' } }, data });

export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  return round(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))], 2);
}

export function round(value, digits) {
  return Number(value.toFixed(digits));
}
