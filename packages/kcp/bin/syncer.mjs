#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';

// A syncer that has caught up needs little memory: it is worth more to give it back than to save some collections.
for (const flag of ['--semi-space-growth-factor=1', '--max-semi-space-size=4', '--heap-growing-percent=40']) {
  setFlagsFromString(flag);
}
const { main, realProcess } = await import('../dist/syncer/cli/main.js');

process.exitCode = await main(process.argv.slice(2), realProcess());
// Nothing that a library left running may keep a stopped program alive; what was written goes out first.
process.stdout.write('', () => process.stderr.write('', () => process.exit()));
