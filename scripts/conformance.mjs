#!/usr/bin/env node
// Runs the golden transcripts against a server of our own, started for the purpose in memory.
//   npm run conformance [-- --only 02,03 --verbose]
// GOLDEN names another copy of the suite; without it the one in this project is used.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKcp } from 'kcp';

const suite = process.env.GOLDEN ?? 'conformance/golden';
const exceptions = 'conformance/exceptions.json';
const folder = mkdtempSync(join(tmpdir(), 'kcp-golden-'));
const server = await startKcp({ storage: 'memory', directory: folder, listen: { host: '127.0.0.1', port: 0 } });
// The recorded workspace was in use; ours begins with its first write.
const settings = { group: '', version: 'v1', resource: 'configmaps' };
await server
  .cluster('recorded')
  .create(settings, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'in-use', namespace: 'default' } });
const run = await runSuite([
  join(suite, 'run.mjs'),
  '--kubeconfig',
  server.kubeconfigFile,
  '--server',
  `${server.url}/clusters/recorded`,
  '--exceptions',
  exceptions,
  ...process.argv.slice(2),
]);
await server.stop();
rmSync(folder, { recursive: true });
const matched = /(\d+)\/(\d+) steps match(?:, (\d+) excepted)?/.exec(run.stdout);
if (!matched) process.exit(run.status ?? 1);
const differing = Number(matched[2]) - Number(matched[1]) - Number(matched[3] ?? 0);
console.log(`golden: ${matched[1]} passed, ${differing} failed, ${matched[3] ?? 0} skipped`);
process.exit(run.status ?? 1);

/** The server lives in this process, so the suite runs beside it. */
function runSuite(args) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.on('data', (data) => {
    stdout += data;
    process.stdout.write(data);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout }));
  });
}
