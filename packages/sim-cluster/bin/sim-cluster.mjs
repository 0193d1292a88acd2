#!/usr/bin/env node
import { realProcess } from 'kcp/cli/process-surface';
import { main } from '../dist/cli/main.js';

process.exitCode = await main(process.argv.slice(2), realProcess());
process.stdout.write('', () => process.stderr.write('', () => process.exit()));
