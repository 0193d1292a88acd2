#!/usr/bin/env node
import { main, realProcess } from '../dist/splitter/cli/main.js';

process.exitCode = await main(process.argv.slice(2), realProcess());
// Nothing that a library left running may keep a stopped program alive; what was written goes out first.
process.stdout.write('', () => process.stderr.write('', () => process.exit()));
