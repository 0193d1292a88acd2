// A kcp server as a process of its own, and requests to it.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { join } from 'node:path';

const bin = new URL('../packages/kcp/bin/kcp.mjs', import.meta.url).pathname;
const ANSWER_MS = 8_000;

/** Starts a server on a port that stays its own over restarts (0: any). Rejects when it ends before it serves. */
export async function startServer({ directory, port = 0, flags = [], preload }) {
  const node = preload === undefined ? [] : ['--import', preload];
  const args = [...node, bin, 'start', '--root-directory', directory, '--listen', `127.0.0.1:${port}`, ...flags];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  const url = await new Promise((resolve, reject) => {
    child.stderr.on('data', (data) => {
      text += data;
    });
    child.stdout.on('data', (data) => {
      text += data;
      const found = /https:\/\/[^\s,]+/.exec(text);
      if (found) resolve(found[0]);
    });
    child.on('exit', (code) => reject(new Error(`the server ended with ${code}: ${text}`)));
  });
  const kubeconfig = readFileSync(join(directory, 'data', 'admin.kubeconfig'), 'utf8');
  return { child, url, port: Number(new URL(url).port), kubeconfig };
}

/** Ends a server and waits for it. */
export function stopServer({ child }, signal) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', resolve);
    child.kill(signal);
  });
}

/** A connection that is made when it is needed and made again when it is lost. */
export class Connection {
  #session;

  constructor(server) {
    this.server = server;
  }

  /** Resolves with status and object; rejects when no whole answer came. */
  async call(method, path, body) {
    const headers = { ':method': method, ':path': path, 'content-type': 'application/json' };
    // A deletion has a body, which node does not expect.
    const stream = this.#open().request(headers, { endStream: body === undefined });
    stream.setTimeout(ANSWER_MS, () => stream.close());
    const text = [];
    let status;
    // Without a head there is no answer.
    let json = true;
    return new Promise((resolve, reject) => {
      stream.setEncoding('utf8');
      stream.on('response', (headers) => {
        status = headers[':status'];
        json = headers['content-type']?.startsWith('application/json');
      });
      stream.on('data', (data) => text.push(data));
      stream.on('error', reject);
      stream.on('close', () => {
        try {
          const whole = text.join('');
          resolve({ status, object: json ? JSON.parse(whole) : whole });
        } catch (error) {
          reject(error);
        }
      });
      if (body !== undefined) stream.end(JSON.stringify(body));
    });
  }

  /** Resolves when the stream is over; `line` hears each line as an object. */
  async follow(path, signal, line) {
    const stream = this.#open().request({ ':method': 'GET', ':path': path });
    let rest = '';
    signal.addEventListener('abort', () => stream.close(), { once: true });
    await new Promise((resolve) => {
      stream.setEncoding('utf8');
      stream.on('data', (data) => {
        const lines = (rest + data).split('\n');
        rest = lines.pop();
        for (const one of lines) if (one !== '') line(JSON.parse(one));
      });
      // What ended it does not matter: whoever follows goes on where he was.
      stream.on('error', resolve);
      stream.on('close', resolve);
    });
  }

  close() {
    this.#session?.destroy();
  }

  #open() {
    if (this.#session !== undefined && !this.#session.destroyed && !this.#session.closed) return this.#session;
    const { url, kubeconfig } = this.server;
    const pem = (key) => Buffer.from(new RegExp(`${key}: "?([A-Za-z0-9+/=]+)`).exec(kubeconfig)[1], 'base64');
    this.#session = connect(url, {
      ca: pem('certificate-authority-data'),
      cert: pem('client-certificate-data'),
      key: pem('client-key-data'),
      servername: 'localhost',
    });
    // Requests hear of it themselves.
    this.#session.on('error', () => {});
    return this.#session;
  }
}
