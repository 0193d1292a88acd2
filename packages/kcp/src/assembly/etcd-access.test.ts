import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { isStorageError } from '@kcp/storage/errors';
import { REGISTRY_PREFIX, type StoreKey } from '@kcp/storage/key';
import { type EtcdFiles, EtcdServer, NO_ETCD } from '@kcp/storage/testing/etcd-server';
import { ensureAuthority } from '../certificates/ensure-certificates.js';
import { issueCertificate } from '../certificates/issue-certificate.js';
import { certificatePath, keyPath, writePair } from '../certificates/kept-pair.js';
import type { EtcdConfig } from '../config/server-config.js';
import { openStore } from './open-store.js';

const LOG = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };
const HOUR_MS = 3_600_000;

/** An authority with a certificate that is good for a member and for a client. */
function makeFiles(directory: string): EtcdFiles {
  const now = Date.now();
  const authority = ensureAuthority({ directory, now });
  const issuer = { subject: { commonName: 'kcp-ca', organizations: ['kcp'] }, key: authority.key };
  for (const [name, purpose] of [
    ['member', { kind: 'server' as const, dnsNames: ['localhost'], addresses: ['127.0.0.1'] }],
    ['client', { kind: 'client' as const }],
  ] as const) {
    const subject = { commonName: name, organizations: [] };
    writePair(
      directory,
      name,
      issueCertificate({ subject, purpose, validFrom: now - HOUR_MS, validTo: now + HOUR_MS }, issuer),
    );
  }
  return {
    authority: certificatePath(directory, 'ca'),
    certificate: certificatePath(directory, 'member'),
    key: keyPath(directory, 'member'),
    client: { certificate: certificatePath(directory, 'client'), key: keyPath(directory, 'client') },
  };
}

/** Throws the errors that are looked for. */
const passUnless = (wanted: (error: unknown) => boolean) => (error: unknown) => {
  if (wanted(error)) throw error;
};

describe('an etcd that wants certificates', { skip: NO_ETCD }, () => {
  let folder = '';
  let etcd: EtcdServer;
  let files: EtcdFiles;
  let config: EtcdConfig;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kcp-etcd-access-'));
    files = makeFiles(folder);
    etcd = await EtcdServer.start(1, files);
    config = { servers: etcd.endpoints, prefix: '/registry' };
  });
  after(async () => {
    await etcd.stop();
    rmSync(folder, { recursive: true });
  });
  const open = (more: Partial<EtcdConfig>) =>
    openStore({ inMemory: false, rootDirectory: '', history: {}, etcd: { ...config, ...more } }, LOG);

  test('lets in who has one of its authority', async () => {
    const client = { certificateFile: files.client.certificate, keyFile: files.client.key };
    const store = await open({ caFile: files.authority, ...client });
    await store.create(`${REGISTRY_PREFIX}a/b/c/d` as StoreKey, Buffer.from('x'));
    assert.equal((await store.list(REGISTRY_PREFIX)).items.length, 1);
    await store.close();
  });

  test('and goes on when its files were replaced and etcd came back', async () => {
    const [certificateFile, keyFile] = [join(folder, 'own.crt'), join(folder, 'own.key')];
    const put = (certificate: string, key: string): void => {
      copyFileSync(certificate, certificateFile);
      copyFileSync(key, keyFile);
    };
    put(files.client.certificate, files.client.key);
    const store = await open({ caFile: files.authority, certificateFile, keyFile });
    writeFileSync(keyFile, 'half of a ke');
    await etcd.kill(0);
    etcd.restart(0);
    await etcd.ready();
    const told = (error: unknown) =>
      isStorageError(error, 'unavailable') && /the authority cannot be used/.test(error.message);
    await assert.rejects(async () => {
      // The first may still have the old connection, and be told that it ended.
      for (let i = 0; i < 3; i++) await store.list(REGISTRY_PREFIX).catch(passUnless(told));
    }, told);
    put(files.client.certificate, files.client.key);
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.ok((await store.list(REGISTRY_PREFIX)).revision > 0);
    await store.close();
  });

  test('and nobody else, which is told in words', async () => {
    const unavailable = (error: unknown) => isStorageError(error, 'unavailable') && error.message.startsWith('etcd: ');
    await assert.rejects(open({ caFile: files.authority }), unavailable, 'no certificate');
    await assert.rejects(open({}), unavailable, 'an authority that nobody vouched for');
    await assert.rejects(open({ servers: ['http://127.0.0.1:1'] }), unavailable, 'no etcd there');
    const mixed = { certificateFile: files.client.certificate, keyFile: files.key };
    await assert.rejects(open(mixed), /etcd: the certificate, its key or the authority cannot be used/);
    const plain = config.servers.map((server) => server.replace('https:', 'http:'));
    await assert.rejects(open({ servers: plain }), unavailable, 'no encryption');
  });
});
