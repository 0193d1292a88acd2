// `kcp start` as a program: what it says when it cannot start, and how it ends.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const KCP = new URL('../packages/kcp/bin/kcp.mjs', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'kcp-start-'));
after(() => rmSync(folder, { recursive: true }));
const path = (name) => join(folder, name);

/** Runs `kcp start` until it ends by itself; its exit code and what it said. */
function start(...flags) {
  return new Promise((resolve) => {
    execFile(process.execPath, [KCP, 'start', ...flags], { timeout: 20_000 }, (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, stdout, stderr }),
    );
  });
}

/** Starts a server on any port; resolves when it serves. */
async function serve(directory) {
  const child = spawn(process.execPath, [KCP, 'start', '--listen=127.0.0.1:0', `--root-directory=${directory}`]);
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    log += text;
  });
  const [greeting] = await once(child.stdout.setEncoding('utf8'), 'data');
  return { child, url: /https:\S+(?=,)/.exec(greeting)[0], log: () => log };
}

async function refusedWith(expected, code, ...flags) {
  const { stdout, stderr, code: exit } = await start(...flags);
  assert.equal(exit, code, stderr);
  assert.equal(stdout, '');
  assert.match(stderr, expected);
  assert.equal(stderr.trimEnd().split('\n').length, 1, `one line: ${stderr}`);
}

test('an unknown flag, a bad value and a word too many', async () => {
  await refusedWith(/^kcp: unknown flag: --banana/, 2, '--banana');
  await refusedWith(/^kcp: invalid value "70000" for --secure-port/, 2, '--secure-port=70000');
  await refusedWith(/^kcp: unexpected argument: extra/, 2, 'extra');
});

test('a port in use: nothing is written for a server that could not be reached', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address();
  const root = path('port');
  await refusedWith(/is in use by another program/, 1, `--listen=127.0.0.1:${port}`, `--root-directory=${root}`);
  assert.equal(existsSync(root), false);
  other.close();
});

test('a directory in use by another server, which goes on', async () => {
  const root = path('busy');
  const { child } = await serve(root);
  await refusedWith(
    new RegExp(`in use by process ${child.pid}`),
    1,
    '--listen=127.0.0.1:0',
    `--root-directory=${root}`,
  );
  assert.equal(child.exitCode, null);
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

test('a data directory that is damaged, at each of its files', async () => {
  const root = path('damaged');
  const { child } = await serve(root);
  child.kill('SIGTERM');
  await once(child, 'exit');
  const flags = ['--listen=127.0.0.1:0', `--root-directory=${root}`];
  const files = readdirSync(join(root, 'data/pki')).map((name) => join(root, 'data/pki', name));
  for (const file of [...files, join(root, 'data/store/data.mdb')]) {
    const whole = readFileSync(file);
    writeFileSync(file, Buffer.concat([Buffer.alloc(8192, 0x5a), whole.subarray(8192)]));
    await refusedWith(/damaged|cannot be used/, 1, ...flags);
    writeFileSync(file, whole);
  }
  const again = await serve(root);
  again.child.kill('SIGINT');
  assert.deepEqual(await once(again.child, 'exit'), [0, null]);
});

test('files that are not there, are folders, or hold something else', async () => {
  const nonsense = path('nonsense');
  writeFileSync(nonsense, 'not what was asked for\n');
  mkdirSync(path('folder'));
  const root = `--root-directory=${path('files')}`;
  for (const flag of [
    'token-auth-file',
    'client-ca-file',
    'audit-policy-file',
    'encryption-provider-config',
    'authentication-config',
    'flow-control-config-file',
    'authorization-webhook-config-file',
    'authentication-token-webhook-config-file',
    'service-account-key-file',
  ]) {
    const more = flag === 'audit-policy-file' ? [`--audit-log-path=${path('audit.log')}`] : [];
    for (const file of [path('missing'), path('folder'), nonsense]) {
      await refusedWith(/^kcp: /, 1, '--listen=127.0.0.1:0', root, ...more, `--${flag}=${file}`);
    }
  }
});

test('a root directory that is a file', async () => {
  const file = path('file');
  writeFileSync(file, '');
  await refusedWith(/^kcp: .*file/, 1, '--listen=127.0.0.1:0', `--root-directory=${file}`);
});

test('SIGTERM ends watches cleanly, says so, and exits with 0', async () => {
  const { child, url, log } = await serve(path('stop'));
  const kubeconfig = readFileSync(join(path('stop'), 'data/admin.kubeconfig'), 'utf8');
  const data = (field) => Buffer.from(new RegExp(`${field}: *"?([^"\\s]+)`).exec(kubeconfig)[1], 'base64');
  const session = connect(url, {
    ca: data('certificate-authority-data'),
    cert: data('client-certificate-data'),
    key: data('client-key-data'),
  });
  const watches = Array.from({ length: 20 }, () => session.request({ ':path': '/api/v1/namespaces?watch=1' }));
  await Promise.all(watches.map((watch) => once(watch, 'response')));
  const ended = Promise.all(
    watches.map(async (watch) => {
      let text = '';
      for await (const part of watch.setEncoding('utf8')) text += part;
      return { text, code: watch.rstCode };
    }),
  );
  const from = Date.now();
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  assert.ok(Date.now() - from < 4_000, 'watches do not hold it up');
  for (const { text, code } of await ended) {
    assert.equal(code, 0);
    if (text !== '') assert.doesNotThrow(() => text.trimEnd().split('\n').map(JSON.parse), 'whole events only');
  }
  assert.match(log(), /stopping.*\n.*stopped/);
  session.destroy();
});
