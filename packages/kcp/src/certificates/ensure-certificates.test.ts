import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { ensureCertificates } from './ensure-certificates.js';
import { CertificateFault, certificatePath, keyPath } from './kept-pair.js';

const NOW = Date.UTC(2026, 10, 24);
const DAY_MS = 24 * 60 * 60 * 1_000;

describe('the certificates of a server', () => {
  let directory: string;
  beforeEach(() => {
    directory = join(mkdtempSync(join(tmpdir(), 'kcp-pki-')), 'pki');
  });
  afterEach(() => rmSync(join(directory, '..'), { recursive: true, force: true }));
  const ensure = (names: readonly string[] = [], now = NOW) => ensureCertificates({ directory, names, now });

  test('are made at the first start, readable by their owner alone, and kept', () => {
    const first = ensure();
    const files = ['ca', 'apiserver', 'admin'].flatMap((name) => [
      certificatePath(directory, name),
      keyPath(directory, name),
    ]);
    for (const file of files) assert.equal(statSync(file).mode & 0o777, 0o600, file);
    const second = ensure();
    assert.equal(second.authority, first.authority);
    assert.equal(second.serving.certificate, first.serving.certificate);
    assert.equal(second.admin.key, first.admin.key);
  });

  test('hold the names by which a server is called', () => {
    const serving = new X509Certificate(ensure(['kcp.example.com', '192.0.2.7', '2001:db8::1:2']).serving.certificate);
    const names = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
    for (const name of [...names, 'kubernetes.default.svc.cluster.local', hostname(), 'kcp.example.com']) {
      assert.ok(serving.checkHost(name), name);
    }
    for (const address of ['127.0.0.1', '::1', '192.0.2.7', '2001:db8:0:0:0:0:1:2']) {
      assert.ok(serving.checkIP(address), address);
    }
    assert.equal(serving.checkHost('elsewhere.example.com'), undefined);
  });

  test('name the administrator in the form that the API server reads users from', () => {
    const admin = new X509Certificate(ensure().admin.certificate);
    assert.equal(admin.subject, 'O=system:masters\nCN=kcp-admin');
  });

  test('are signed by the authority and valid from the first moment', () => {
    const { authority, serving, admin } = ensure();
    const ca = new X509Certificate(authority);
    assert.ok(ca.ca && ca.verify(ca.publicKey));
    for (const { certificate } of [serving, admin]) {
      const leaf = new X509Certificate(certificate);
      assert.ok(!leaf.ca && leaf.checkIssued(ca) && leaf.verify(ca.publicKey));
      assert.ok(Date.parse(leaf.validFrom) < NOW && Date.parse(leaf.validTo) > NOW + 300 * DAY_MS);
    }
  });

  test('a name that is new renews the serving certificate and nothing else', () => {
    const before = ensure();
    const after = ensure(['new.example.com']);
    assert.notEqual(after.serving.certificate, before.serving.certificate);
    assert.equal(after.authority, before.authority);
    assert.equal(after.admin.certificate, before.admin.certificate);
    assert.equal(ensure().serving.certificate, after.serving.certificate, 'a name too many is no reason');
  });

  test('a certificate near its end is renewed by the same authority', () => {
    const before = ensure();
    const after = ensure([], NOW + 320 * DAY_MS);
    assert.equal(after.authority, before.authority);
    assert.notEqual(after.serving.certificate, before.serving.certificate);
    assert.notEqual(after.admin.certificate, before.admin.certificate);
  });

  test('an authority near its end takes everything with it', () => {
    const before = ensure();
    const after = ensure([], NOW + 3_600 * DAY_MS);
    assert.notEqual(after.authority, before.authority);
    assert.ok(new X509Certificate(after.serving.certificate).verify(new X509Certificate(after.authority).publicKey));
  });

  test('an interrupted renewal, which leaves a key without its certificate, is made good', () => {
    const before = ensure();
    writeFileSync(keyPath(directory, 'apiserver'), before.admin.key);
    const after = ensure();
    assert.notEqual(after.serving.certificate, before.serving.certificate);
    assert.equal(after.authority, before.authority);
  });

  test('a damaged file is named, not replaced', () => {
    ensure();
    writeFileSync(certificatePath(directory, 'ca'), 'nonsense');
    assert.throws(
      () => ensure(),
      (error) => error instanceof CertificateFault && /ca\.crt.*damaged/.test(error.message),
    );
  });

  test('a server that keeps nothing leaves nothing behind', () => {
    const { serving } = ensureCertificates({ directory: undefined, names: [], now: NOW });
    assert.match(serving.certificate, /BEGIN CERTIFICATE/);
    assert.throws(() => statSync(directory), /ENOENT/);
  });

  test('serve TLS with a client that shows who it is', async () => {
    const { authority, serving, admin } = ensureCertificates({ directory, names: [], now: Date.now() });
    const server = createServer({ cert: serving.certificate, key: serving.key, ca: authority, requestCert: true });
    const seen = new Promise<TLSSocket>((resolve) => server.once('secureConnection', resolve));
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    const client = connect({ port, host: '127.0.0.1', ca: authority, cert: admin.certificate, key: admin.key });
    const socket = await seen;
    assert.equal(socket.authorized, true);
    assert.deepEqual({ ...socket.getPeerCertificate().subject }, { O: 'system:masters', CN: 'kcp-admin' });
    client.destroy();
    socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
  test('openssl verifies them, each for its purpose', { skip: hasOpenssl ? false : 'openssl is not installed' }, () => {
    ensureCertificates({ directory, names: ['192.0.2.7'], now: Date.now() });
    const verify = (name: string, purpose: string) =>
      execFileSync('openssl', [
        ...['verify', '-x509_strict', '-purpose', purpose, '-CAfile', certificatePath(directory, 'ca')],
        certificatePath(directory, name),
      ]).toString();
    assert.match(verify('apiserver', 'sslserver'), /: OK/);
    assert.match(verify('admin', 'sslclient'), /: OK/);
    assert.throws(() => verify('admin', 'sslserver'));
  });
});
