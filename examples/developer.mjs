// A developer of one namespace, as an administrator makes one: a signing request, a kubeconfig, a RoleBinding.
// Needs openssl and kubectl.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startKcp } from 'kcp';

if (
  [
    ['openssl', 'version'],
    ['kubectl', 'version', '--client'],
  ].some(([command, ...args]) => spawnSync(command, args).status !== 0)
) {
  console.log('openssl and kubectl are needed');
  process.exit(0);
}

const folder = mkdtempSync(join(tmpdir(), 'kcp-developer-'));
const kcp = await startKcp({ storage: 'memory', directory: folder, listen: { port: 0 } });
const file = (name) => join(folder, name);
const environment = { ...process.env, HOME: folder };
/** kubectl as somebody; its output. The server lives in this process, so nothing may wait for it without a promise. */
const kubectlWith =
  (kubeconfig) =>
  async (...args) => {
    const whole = ['--kubeconfig', kubeconfig, ...args];
    const { stdout } = await promisify(execFile)('kubectl', whole, { env: environment, timeout: 20_000 });
    return stdout.trim();
  };
const admin = kubectlWith(kcp.kubeconfigFile);
await admin('create', 'namespace', 'work');

// The developer makes a key and asks for a certificate.
const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-keyout', file('dana.key')];
execFileSync('openssl', ['req', '-new', '-nodes', ...key, '-subj', '/O=devs/CN=dana', '-out', file('dana.csr')], {
  stdio: 'ignore',
});
await kcp.cluster('root').create(
  { group: 'certificates.k8s.io', version: 'v1', resource: 'certificatesigningrequests' },
  {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: 'dana' },
    spec: {
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: ['client auth'],
      request: readFileSync(file('dana.csr')).toString('base64'),
    },
  },
);

// The administrator approves it and says what the developer may do.
await admin('certificate', 'approve', 'dana');
await admin('create', 'rolebinding', 'dana', '--namespace=work', '--clusterrole=edit', '--user=dana');
await admin('wait', 'csr/dana', '--for=jsonpath={.status.certificate}', '--timeout=10s');
const certificate = Buffer.from(await admin('get', 'csr', 'dana', '-o', 'jsonpath={.status.certificate}'), 'base64');

// The developer's kubeconfig: the administrator's server, an identity of his own.
const mine = file('dana.kubeconfig');
writeFileSync(mine, await admin('config', 'view', '--raw', '--minify'));
writeFileSync(file('dana.crt'), certificate);
const dana = kubectlWith(mine);
await dana(
  'config',
  'set-credentials',
  'dana',
  `--client-certificate=${file('dana.crt')}`,
  `--client-key=${file('dana.key')}`,
);
await dana('config', 'set-context', '--current', '--user=dana', '--namespace=work');

console.log(await dana('auth', 'whoami'));
console.log(await dana('create', 'configmap', 'mine', '--from-literal=a=1'));
await assert.rejects(dana('get', 'configmaps', '--namespace=default'), /cannot list resource "configmaps"/);
await assert.rejects(dana('get', 'namespaces'), /forbidden/i);
console.log('and nothing elsewhere');

await kcp.stop();
rmSync(folder, { recursive: true });
