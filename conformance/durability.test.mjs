// kill -9 in the middle of 64 writers, again and again over one data directory: whatever was acknowledged is there after
// the restart with the resourceVersion that was answered, and resourceVersions never go back.
//   ROUNDS=50 node --test conformance/durability.test.mjs
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const ROUNDS = Number(process.env.ROUNDS ?? 50);
const WRITERS = 64;
const PATH = '/api/v1/namespaces/default/configmaps';
const bin = new URL('../packages/kcp/bin/kcp.mjs', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'kcp-durability-'));
after(() => rmSync(folder, { recursive: true }));

test(`nothing acknowledged is lost in ${ROUNDS} kills`, { timeout: 600_000 }, async () => {
  /** name → the resourceVersion that was answered last, and what was written with it. */
  const acknowledged = new Map();
  let highest = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    const server = await start();
    const found = await readAll(server);
    for (const [name, { revision, value }] of acknowledged) {
      const object = found.get(name);
      assert.ok(object, `round ${round}: ${name} was acknowledged at ${revision} and is gone`);
      // A write that was under way may have been carried out without an answer.
      assert.ok(
        object.revision >= revision,
        `round ${round}: ${name} went back from ${revision} to ${object.revision}`,
      );
      if (object.revision === revision) assert.equal(object.value, value);
    }
    const now = await revisionOf(server);
    assert.ok(now >= highest, `round ${round}: resourceVersions went back from ${highest} to ${now}`);
    if (round === ROUNDS) {
      await stop(server, 'SIGTERM');
      break;
    }
    const writers = Array.from({ length: WRITERS }, (_, writer) => write(server, round, writer, acknowledged));
    await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 150));
    await stop(server, 'SIGKILL');
    await Promise.all(writers);
    for (const { revision } of acknowledged.values()) highest = Math.max(highest, revision);
  }
  assert.ok(acknowledged.size > ROUNDS, 'writers got somewhere');
});

async function start() {
  const child = spawn(process.execPath, [bin, 'start', '--root-directory', folder, '--secure-port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const url = await new Promise((resolve, reject) => {
    child.stdout.on('data', (data) => {
      text += data;
      const found = /https:\/\/[^\s,]+/.exec(text);
      if (found) resolve(found[0]);
    });
    child.stderr.on('data', (data) => {
      text += data;
    });
    child.on('exit', (code) => reject(new Error(`the server ended with ${code}: ${text}`)));
  });
  const kubeconfig = readFileSync(join(folder, 'data', 'admin.kubeconfig'), 'utf8');
  const pem = (key) => Buffer.from(new RegExp(`${key}: "?([A-Za-z0-9+/=]+)`).exec(kubeconfig)[1], 'base64');
  const session = connect(url, {
    ca: pem('certificate-authority-data'),
    cert: pem('client-certificate-data'),
    key: pem('client-key-data'),
    servername: 'localhost',
  });
  session.on('error', () => {});
  return { child, session };
}

async function stop({ child, session }, signal) {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await ended;
  session.destroy();
}

function call({ session }, method, path, body) {
  return new Promise((resolve, reject) => {
    if (session.destroyed) {
      reject(new Error('gone'));
      return;
    }
    const stream = session.request({ ':method': method, ':path': path, 'content-type': 'application/json' });
    let status;
    let text = '';
    stream.setEncoding('utf8');
    stream.on('response', (headers) => {
      status = headers[':status'];
    });
    stream.on('data', (data) => {
      text += data;
    });
    stream.on('error', reject);
    stream.on('close', () => {
      try {
        resolve({ status, object: JSON.parse(text) });
      } catch (error) {
        reject(error);
      }
    });
    stream.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Creates objects and changes each once, until the server is gone. Only whole answers count. */
async function write(server, round, writer, acknowledged) {
  const note = ({ status, object }) => {
    assert.ok(status < 300, `a write was answered with ${status}`);
    const { name, resourceVersion } = object.metadata;
    acknowledged.set(name, { revision: Number(resourceVersion), value: object.data.value });
    return object;
  };
  try {
    for (let i = 0; ; i++) {
      const metadata = { name: `w${writer}-${round}-${i}` };
      const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { value: `${i}`.padEnd(200, 'x') } };
      const made = note(await call(server, 'POST', PATH, body));
      made.data.value = `${i}+`.padEnd(200, 'y');
      note(await call(server, 'PUT', `${PATH}/${metadata.name}`, made));
    }
  } catch (error) {
    // The server is gone, as it should be; anything else is a fault.
    if (error instanceof assert.AssertionError) throw error;
  }
}

async function readAll(server) {
  const { object } = await call(server, 'GET', PATH);
  return new Map(
    object.items.map(({ metadata, data }) => [
      metadata.name,
      { revision: Number(metadata.resourceVersion), value: data?.value },
    ]),
  );
}

async function revisionOf(server) {
  const { object } = await call(server, 'GET', `${PATH}?limit=1`);
  return Number(object.metadata.resourceVersion);
}
