#!/usr/bin/env node
// Holds a server of our own, started for the purpose in memory, against recordings of a real one.
//   npm run conformance [-- --only 02,03 --verbose]   requests and answers: GOLDEN names another copy than this project's
//   npm run conformance:crds                          definitions of real projects: CRDS names the folder that has them
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKcp } from 'kcp';

const SUITES = {
  golden: {
    folder: process.env.GOLDEN ?? 'conformance/golden',
    arguments: ['--exceptions', 'conformance/exceptions.json'],
    result: /(\d+)\/(\d+) steps match(?:, (\d+) excepted)?/,
  },
  crds: { folder: process.env.CRDS ?? 'conformance/crds', arguments: [], result: /(\d+)\/(\d+) match()/ },
};
const [name, ...rest] = process.argv.slice(2);
const suite = SUITES[name];
if (!existsSync(suite.folder)) {
  console.error(`${suite.folder} is not there: ${name.toUpperCase()} names the folder of the recordings`);
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), `kcp-${name}-`));
const server = await startKcp({ storage: 'memory', directory: folder, listen: { host: '127.0.0.1', port: 0 } });
// The recorded workspace was in use; ours begins with its first write.
const settings = { group: '', version: 'v1', resource: 'configmaps' };
await server
  .cluster('recorded')
  .create(settings, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'in-use', namespace: 'default' } });
const run = await runSuite([
  join(suite.folder, 'run.mjs'),
  '--kubeconfig',
  server.kubeconfigFile,
  '--server',
  `${server.url}/clusters/recorded`,
  ...suite.arguments,
  ...rest,
]);
await server.stop();
rmSync(folder, { recursive: true });
const matched = suite.result.exec(run.stdout);
if (!matched) process.exit(run.status || 1);
const [, passed, total, excepted = ''] = matched;
console.log(`${name}: ${passed} passed, ${total - passed - excepted} failed, ${Number(excepted)} skipped`);
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
