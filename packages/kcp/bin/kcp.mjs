#!/usr/bin/env node
import { createRequire } from 'node:module';
import { loadServer, main, realProcess } from '../bundle/cli.js';

const { version } = createRequire(import.meta.url)('../package.json');

process.exitCode = await main(process.argv.slice(2), { surface: realProcess(), version, load: loadServer });
// Nothing that a library left running may keep a stopped server alive; what was written goes out first.
process.stdout.write('', () => process.stderr.write('', () => process.exit()));
