import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UsageFault } from './read-flags.js';
import { splitterConfig, syncerConfig } from './sync-flags.js';

const LOG = { format: 'text', verbosity: 0 };
const NEEDED = ['-from_kubeconfig', 'a', '-cluster', 'us-east1'];

describe('the command line of the syncer', () => {
  test('flags are written as those of the first syncer, or as everywhere else', () => {
    const wanted = {
      kind: 'run',
      config: {
        from: { kubeconfig: 'a', context: 'user' },
        to: { kubeconfig: 'b', context: 'east' },
        location: 'us-east1',
        resources: ['pods', 'deployments.apps', 'services'],
        log: { format: 'text', verbosity: 2 },
      },
    };
    const resources = ['pods', 'deployments.apps', 'services'];
    const seed = ['-from_kubeconfig', 'a', '-from_context=user', '-to_kubeconfig', 'b', '-to_context', 'east'];
    assert.deepEqual(syncerConfig([...seed, '-cluster', 'us-east1', '-v=2', ...resources]), wanted);
    const ours = ['--from-kubeconfig=a', '--from-context', 'user', '--to-kubeconfig', 'b', '--to-context=east'];
    assert.deepEqual(syncerConfig([...resources, ...ours, '--cluster=us-east1', '-v2']), wanted);
  });

  test('without resources it is pods and deployments, without --to-kubeconfig the cluster around it', () => {
    assert.deepEqual(syncerConfig(NEEDED), {
      kind: 'run',
      config: {
        from: { kubeconfig: 'a', context: undefined },
        to: undefined,
        location: 'us-east1',
        resources: ['pods', 'deployments.apps'],
        log: LOG,
      },
    });
  });

  const faults: readonly (readonly [args: readonly string[], message: RegExp])[] = [
    [[], /^--from-kubeconfig is required$/],
    [['--from-kubeconfig', 'a'], /^--cluster is required$/],
    [['--from-kubeconfig'], /^flag needs an argument: --from-kubeconfig$/],
    [['--from-kubeconfig=', '--cluster', 'x'], /^invalid value "" for --from-kubeconfig: must be a file$/],
    [[...NEEDED, '--to-context', 'x'], /^--to-context wants a --to-kubeconfig$/],
    [['--from-kubeconfig', 'a', '--cluster', 'Us East'], /^invalid value "Us East" for --cluster: must be 1 to 56/],
    [['--from-kubeconfig', 'a', '--cluster', 'x'.repeat(57)], /for --cluster: must be 1 to 56/],
    [[...NEEDED, 'Pods'], /^"Pods" is no resource: name it as pods or deployments\.apps$/],
    [[...NEEDED, '-v', 'much'], /^invalid value "much" for --v: must be a whole number from 0 to 10$/],
    [[...NEEDED, '--log-format', 'xml'], /^invalid value "xml" for --log-format: must be text or json$/],
    [[...NEEDED, '-nope'], /^unknown flag: -nope$/],
  ];
  for (const [args, message] of faults) {
    test(`${args.join(' ')}: ${message.source}`, () => {
      assert.throws(
        () => syncerConfig(args),
        (error) => error instanceof UsageFault && message.test(error.message),
      );
    });
  }
});

describe('the command line of the deployment splitter', () => {
  test('it wants to know where kcp is', () => {
    const server = { kubeconfig: 'a', context: 'admin' };
    const asked = splitterConfig(['-kubeconfig', 'a', '-context', 'admin']);
    assert.deepEqual(asked, { kind: 'run', config: { server, log: LOG } });
    assert.throws(() => splitterConfig([]), /^UsageFault: --kubeconfig is required$/);
    assert.throws(() => splitterConfig(['x']), /^UsageFault: unexpected argument: x$/);
  });
});
