import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { parseYaml } from '@kcp/apimachinery/codec/yaml';
import { parseJson } from '@kcp/apimachinery/json/parse';
import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import { readObject, readString } from '@kcp/apimachinery/schema/read';
import { Auditor } from '@kcp/apiserver/audit/auditor';
import { LogSink } from '@kcp/apiserver/audit/log-sink';
import { parseAuditPolicy } from '@kcp/apiserver/audit/parse-policy';
import { systemClock } from '@kcp/apiserver/clock';
import { createMemoryStore } from '@kcp/storage/memory/memory-store';
import { inProcessClient, mastersUser } from './in-process-client.js';
import { startCore } from './start-core.js';

const SILENT = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };
const SECRETS = { group: '', version: 'v1', resource: 'secrets' };
const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };

const POLICY = `
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
omitManagedFields: true
rules:
- level: None
  users: ["system:apiserver"]
- level: None
  userGroups: ["controllers"]
- level: Metadata
  resources: [{group: "", resources: [secrets, serviceaccounts/token]}]
- level: RequestResponse
  verbs: [create]
  namespaces: [default]
  resources: [{group: "", resources: [configmaps]}]
- level: Metadata
  users: ["ann"]
`;

describe('the audit log', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kcp-audit-'));
  const path = join(folder, 'audit.log');
  after(() => rmSync(folder, { recursive: true }));

  const events = (): JsonObject[] =>
    readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => parseJson(line).value)
      .filter(isObject)
      .filter((event) => readString(readObject(event, 'user') ?? {}, 'username') === 'ann');

  test('tells who did what, why he was allowed to, and no secret', async () => {
    const options = { path, bytesMax: 0, backupsMax: 0, ageMs: 0, mode: 'blocking' as const, clock: systemClock };
    const sink = new LogSink({ ...options, onError: (error) => assert.fail(String(error)) });
    const auditor = new Auditor(parseAuditPolicy(parseYaml(POLICY).value), [sink], systemClock);
    const identity = { tokens: [], anonymous: true };
    const core = await startCore({
      store: createMemoryStore(),
      log: SILENT,
      identity,
      auditor,
      closing: [() => auditor.close()],
    });
    const ann = inProcessClient(core.server, mastersUser('ann'), systemClock, 'story/1').in('root' as never);
    const metadata = { name: 'a', namespace: 'default' };
    await ann.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { password: 'hunter2' } });
    await ann.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { shown: 'yes' } });
    await assert.rejects(ann.get(CONFIG_MAPS, { name: 'none', namespace: 'default' }));
    const metrics = (await ann.read('/metrics', 'text/plain')).toString('utf8');
    await core.stop();
    assert.match(metrics, /^apiserver_audit_level_total\{level="RequestResponse"\} 1$/m);
    assert.match(metrics, /^apiserver_audit_event_total [1-9]\d*$/m);
    assert.match(metrics, /^apiserver_audit_error_total\{plugin="log"\} 0$/m);
    const [secret = {}, map = {}, missing = {}] = events();
    assert.ok(!readFileSync(path, 'utf8').includes('hunter2'));
    assert.ok(!readFileSync(path, 'utf8').includes('aHVudGVyMg'));
    assert.equal(secret.level, 'Metadata');
    assert.equal(secret.stage, 'ResponseComplete');
    assert.deepEqual(secret.objectRef, { resource: 'secrets', namespace: 'default', name: 'a', apiVersion: 'v1' });
    assert.deepEqual(secret.responseStatus, { metadata: {}, code: 201 });
    assert.equal(readObject(secret, 'annotations')?.['authorization.k8s.io/decision'], 'allow');
    assert.equal(readObject(secret, 'annotations')?.['kcp.io/cluster'], 'root');
    assert.deepEqual(readObject(readObject(map, 'requestObject') ?? {}, 'data'), { shown: 'yes' });
    const response = readObject(map, 'responseObject') ?? {};
    assert.deepEqual(readObject(response, 'data'), { shown: 'yes' });
    assert.equal(readObject(response, 'metadata')?.managedFields, undefined);
    assert.equal(readObject(missing, 'responseStatus')?.reason, 'NotFound');
    assert.equal(missing.requestObject, undefined);
    assert.match(String(missing.requestReceivedTimestamp), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  });

  test('is set aside when it is large, and only so many of its kind are kept', async () => {
    let now = Date.now();
    const sink = new LogSink({
      path: join(folder, 'small.log'),
      bytesMax: 200,
      backupsMax: 2,
      ageMs: 0,
      mode: 'blocking',
      clock: { now: () => now, after: () => () => {} },
      onError: (error) => assert.fail(String(error)),
    });
    for (let i = 0; i < 20; i++) {
      now += 1_000;
      sink.record({ kind: 'Event', auditID: `event-${i}`, requestURI: 'x'.repeat(60) });
    }
    await sink.close();
    const names = readdirSync(folder).filter((name) => name.startsWith('small'));
    assert.equal(names.length, 3);
    assert.match(readFileSync(join(folder, 'small.log'), 'utf8'), /event-19/);
  });
});
