import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HealthHandler } from '@kcp/apiserver/health/health-handler';
import { InProcessRequest } from '@kcp/apiserver/http/in-process';
import { parseRequest } from '@kcp/apiserver/request/request-info';
import type { Phase } from './assemble-server.js';
import { AwaitedInformers, DEFINITIONS } from './awaited-informers.js';
import { healthChecks } from './health-checks.js';
import { mastersUser } from './in-process-client.js';

const STORE = { failure: undefined, revision: 7 };

/** A server in some phase of its life, as its probes show it. */
function probe(target: string, phase: Phase) {
  const failures: string[] = [];
  const handler = new HealthHandler({
    ...healthChecks(STORE, { revision: 7 }, phase),
    onFailure: (_endpoint, check, reason) => failures.push(`${check}: ${reason}`),
  });
  const parsed = parseRequest('GET', target, undefined);
  assert.ok(parsed.ok);
  const signal = new AbortController().signal;
  const call = { method: 'GET', target, headers: {}, body: undefined, signal };
  const answer = handler.handle(new InProcessRequest(call, mastersUser('tester')), parsed.info);
  assert.ok(answer?.kind === 'bytes');
  return { status: answer.status, text: Buffer.concat(answer.body).toString(), failures };
}

function deferred(): { readonly synced: Promise<void>; resolve(): void } {
  let resolve: () => void = () => undefined;
  const synced = new Promise<void>((done) => {
    resolve = done;
  });
  return { synced, resolve: () => resolve() };
}

const ready: Phase = { draining: false, policyInForce: true, awaited: () => [] };

describe('readyz', () => {
  test('names what upstream names, in its order', () => {
    const { status, text } = probe('/readyz?verbose', ready);
    assert.equal(status, 200);
    assert.deepEqual(text.split('\n'), [
      '[+]ping ok',
      '[+]log ok',
      '[+]etcd ok',
      '[+]etcd-readiness ok',
      '[+]informer-sync ok',
      '[+]poststarthook/start-apiextensions-controllers ok',
      '[+]poststarthook/rbac/bootstrap-roles ok',
      '[+]shutdown ok',
      'readyz check passed',
      '',
    ]);
  });

  test('waits for the informers of the controllers; its log names them, clients see no reason', async () => {
    const [definitions, namespaces] = [deferred(), deferred()];
    const awaited = new AwaitedInformers({ [DEFINITIONS]: definitions, namespaces });
    const phase: Phase = { ...ready, awaited: () => awaited.names };
    const before = probe('/readyz', phase);
    assert.equal(before.status, 500);
    assert.match(before.text, /^\[-\]informer-sync failed: reason withheld$/m);
    assert.match(before.text, /^\[-\]poststarthook\/start-apiextensions-controllers failed: reason withheld$/m);
    assert.equal(
      before.failures[0],
      'informer-sync: 2 informers not started yet: [customresourcedefinitions namespaces]',
    );
    definitions.resolve();
    await definitions.synced;
    assert.equal(probe('/readyz/poststarthook/start-apiextensions-controllers', phase).status, 200);
    assert.equal(probe('/readyz/informer-sync', phase).status, 500);
    namespaces.resolve();
    await namespaces.synced;
    assert.equal(probe('/readyz', phase).status, 200);
  });

  test('says no to a server on its way out; livez does not', () => {
    const draining = { ...ready, draining: true };
    assert.equal(probe('/readyz', draining).status, 500);
    assert.equal(probe('/livez', draining).status, 200);
  });
});
