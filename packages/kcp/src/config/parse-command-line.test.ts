import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { START_FLAGS } from './flag-table.js';
import { helpText } from './help-text.js';
import { type Command, parseCommandLine } from './parse-command-line.js';
import { DEFAULT_CONFIG, type ServerConfig } from './server-config.js';

function start(...args: readonly string[]): ServerConfig {
  const command = parseCommandLine(['start', ...args]);
  assert.equal(command.kind, 'start', JSON.stringify(command));
  return command.kind === 'start' ? command.config : DEFAULT_CONFIG;
}

function fault(...args: readonly string[]): string {
  const command: Command = parseCommandLine(args);
  assert.equal(command.kind, 'fault', JSON.stringify(command));
  return command.kind === 'fault' ? command.message : '';
}

describe('kcp start', () => {
  test('without a flag is the server of the README', () => {
    assert.deepEqual(start(), DEFAULT_CONFIG);
    assert.deepEqual(start().listen, { host: undefined, port: 6443 });
    assert.equal(start().rootDirectory, '.kcp');
  });

  test('takes a value after a blank or an equals sign, and underscores as dashes', () => {
    for (const args of [['--root-directory', 'x'], ['--root-directory=x'], ['--root_directory=x']]) {
      assert.equal(start(...args).rootDirectory, 'x');
    }
    assert.equal(start('--root_directory', 'a_b-c').rootDirectory, 'a_b-c', 'values stay as they are');
    for (const args of [['-v', '4'], ['-v=4'], ['-v4'], ['--v=4']]) assert.equal(start(...args).log.verbosity, 4);
  });

  test('listens where it is told', () => {
    assert.deepEqual(start('--listen', ':7443').listen, { host: undefined, port: 7443 });
    assert.deepEqual(start('--listen=127.0.0.1:0').listen, { host: '127.0.0.1', port: 0 });
    assert.deepEqual(start('--listen=[::1]:6443').listen, { host: '::1', port: 6443 });
    assert.deepEqual(start('--bind-address=10.0.0.1', '--secure-port=8443').listen, { host: '10.0.0.1', port: 8443 });
    assert.deepEqual(start('--secure_port', '1').listen, { host: undefined, port: 1 });
    for (const bad of ['6443', 'host', 'host:', 'host:99999', '::1:6443', 'a:b:1', ':x']) {
      assert.match(fault('start', `--listen=${bad}`), /^invalid value .* for --listen: must be HOST:PORT/);
    }
    assert.match(fault('start', '--listen=:1', '--secure-port=2'), /give one or the others/);
  });

  test('reads switches, durations and numbers', () => {
    const config = start('--in-memory', '--anonymous-auth=false', '--history-max-age=1h30m', '--history-max-entries=7');
    assert.equal(config.inMemory, true);
    assert.equal(config.authentication.anonymous, false);
    assert.deepEqual(config.history, { ageMs: 5_400_000, entriesMax: 7 });
    assert.match(fault('start', '--history-max-age=5'), /must be a duration/);
    assert.match(fault('start', '--history-max-age=0s'), /must be a duration/);
    assert.match(fault('start', '--secure-port=65536'), /from 0 to 65535/);
    assert.match(fault('start', '--in-memory=maybe'), /must be true or false/);
    assert.match(fault('start', '--log-format=xml'), /must be text or json/);
  });

  test('reads who may come in, who decides and what is put on record', () => {
    const { authentication, authorization, audit, flowControl, encryptionFile } = start(
      ...[
        '--requestheader-client-ca-file=p',
        '--requestheader-allowed-names=front, other',
        '--authentication-config=a',
      ],
      ...['--service-account-issuer=https://a,https://b', '--service-account-max-token-expiration=2h'],
      ...['--authorization-webhook-config-file=w', '--authorization-mode=Webhook,RBAC'],
      ...['--audit-policy-file=p', '--audit-log-path=l', '--audit-log-maxsize=5', '--max-requests-inflight=9'],
      '--encryption-provider-config=e',
    );
    assert.deepEqual(authentication.requestHeader?.allowedNames, ['front', 'other']);
    assert.deepEqual(authentication.requestHeader?.usernameHeaders, ['x-remote-user']);
    assert.equal(authentication.configFile, 'a');
    assert.deepEqual(authentication.serviceAccounts, { issuers: ['https://a', 'https://b'], tokenSecondsMax: 7_200 });
    assert.equal(authorization?.beforeRbac, true);
    assert.equal(authorization.webhook.allowedMs, 300_000);
    assert.deepEqual(audit?.log, { path: 'l', mode: 'blocking', maxSizeMib: 5, maxBackups: 0, maxAgeDays: 0 });
    assert.deepEqual(flowControl, { seats: 9 });
    assert.equal(encryptionFile, 'e');
    assert.match(fault('start', '--audit-log-path=l'), /needs --audit-policy-file/);
    assert.match(fault('start', '--authorization-mode=Webhook,RBAC'), /belong together/);
    assert.match(fault('start', '--authorization-mode=ABAC'), /must be RBAC/);
    assert.match(fault('start', '--oidc-client-id=x'), /belong together/);
  });

  test('wants a serving certificate with its key', () => {
    const { serving } = start('--tls-cert-file=c', '--tls-private-key-file=k');
    assert.deepEqual(serving, { certificateFile: 'c', keyFile: 'k' });
    assert.match(fault('start', '--tls-cert-file=c'), /belong together/);
  });

  test('says in one line what it does not know', () => {
    assert.equal(fault('start', '--no-such=1'), 'unknown flag: --no-such');
    assert.equal(fault('start', '--listen'), 'flag needs an argument: --listen');
    assert.equal(fault('start', 'now'), 'unexpected argument: now');
    assert.equal(fault('start', '-x'), 'unexpected argument: -x');
    assert.equal(fault('star'), 'unknown command: star');
    assert.equal(fault('--verbose'), 'unknown flag: --verbose');
    for (const name of ['constructor', '__proto__', 'toString']) assert.match(fault('start', `--${name}=1`), /unknown/);
  });

  test('an etcd is named by its members, and whoever has one shares it', () => {
    const command = parseCommandLine([
      ...['start', '--etcd-servers=https://a:2379,https://b:2379', '--etcd-prefix', '/team/kcp/'],
      ...['--etcd-certfile=c', '--etcd-keyfile=k', '--etcd-cafile=a'],
    ]);
    assert.ok(command.kind === 'start');
    const servers = ['https://a:2379', 'https://b:2379'];
    const files = { certificateFile: 'c', keyFile: 'k', caFile: 'a' };
    assert.deepEqual(command.config.etcd, { servers, prefix: '/team/kcp', ...files });
    assert.equal(command.config.controllers.leaderElection, true);
    const alone = parseCommandLine(['start', '--etcd-servers=http://a:2379', '--leader-elect=false']);
    assert.ok(alone.kind === 'start' && !alone.config.controllers.leaderElection);
    assert.match(fault('start', '--etcd-servers=a:2379'), /must be URLs such as https:/);
    assert.match(fault('start', '--etcd-servers=http://a:2379', '--etcd-prefix=registry'), /must be a path/);
    assert.match(fault('start', '--etcd-prefix=/registry'), /says nothing without --etcd-servers/);
    assert.match(fault('start', '--etcd-servers=http://a:2379', '--etcd-keyfile=k'), /belong together/);
    assert.match(fault('start', '--etcd-servers=http://a:2379', '--in-memory'), /exclude each other/);
  });

  test('commands on data say what, from where and where to', () => {
    const task = (...args: string[]) => {
      const command = parseCommandLine(args);
      return command.kind === 'data' ? command.task : command.kind;
    };
    const etcd = { servers: ['http://e:2379'], prefix: '/registry' };
    const place = { kind: 'embedded', rootDirectory: 'd' };
    const there = { kind: 'etcd', etcd };
    assert.deepEqual(task('snapshot', 'save', 'f', '--root-directory=d'), { kind: 'save', file: 'f', place });
    assert.deepEqual(task('snapshot', 'restore', 'f', '--etcd-servers=http://e:2379'), {
      ...{ kind: 'restore', file: 'f', place: there },
    });
    assert.deepEqual(task('snapshot', 'verify', 'f'), { kind: 'verify', file: 'f' });
    const migrate = ['migrate', '--root-directory=d', '--etcd-servers=http://e:2379', '--to'];
    assert.deepEqual(task(...migrate, 'etcd'), { kind: 'migrate', from: place, to: there });
    assert.deepEqual(task(...migrate, 'embedded'), { kind: 'migrate', from: there, to: place });
    const cluster = { cluster: 'team-a', file: 'f', place };
    assert.deepEqual(task('export', 'team-a', 'f', '--root-directory=d'), { kind: 'export', ...cluster });
    assert.deepEqual(task('import', 'team-a', 'f', '--root-directory=d'), { kind: 'import', ...cluster });
    assert.equal(task('snapshot', '--help'), 'help');
    assert.match(fault('snapshot', 'safe', 'f'), /wants save, restore or verify/);
    assert.match(fault('snapshot', 'save'), /kcp snapshot save FILE/);
    assert.match(fault('migrate', '--to=etcd'), /wants --etcd-servers/);
    assert.match(fault('export', 'No Name', 'f'), /no name of a logical cluster/);
    assert.match(fault('import', 'team-a'), /kcp import CLUSTER FILE/);
  });

  test('never fails on what a user types', () => {
    const piece = fc.oneof(fc.string(), fc.constantFrom(...START_FLAGS.map(({ name }) => `--${name}`), '-v', '='));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (args) => {
        const command = parseCommandLine(['start', ...args]);
        if (command.kind === 'fault') assert.ok(command.message.length > 0);
      }),
    );
  });
});

describe('kcp help', () => {
  test('is there however one asks', () => {
    for (const args of [[], ['help'], ['--help'], ['-h']]) {
      assert.deepEqual(parseCommandLine(args), { kind: 'help', topic: 'kcp' });
    }
    for (const args of [
      ['help', 'start'],
      ['start', '--help'],
      ['start', '--listen=:1', '-h'],
    ]) {
      assert.deepEqual(parseCommandLine(args), { kind: 'help', topic: 'start' });
    }
    assert.deepEqual(parseCommandLine(['version']), { kind: 'version' });
  });

  test('names every flag', () => {
    const text = helpText('start');
    for (const { name } of START_FLAGS) assert.match(text, new RegExp(`-${name}\\b`));
  });
});
