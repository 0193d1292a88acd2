#!/usr/bin/env node
import { clusterController } from '../dist/cli/cluster-controller.js';
import { realProcess } from '../dist/cli/process-surface.js';

process.exitCode = await clusterController(process.argv.slice(2), realProcess());
process.stdout.write('', () => process.stderr.write('', () => process.exit()));
