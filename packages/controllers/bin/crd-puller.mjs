#!/usr/bin/env node
import { main } from '../dist/multicluster/crd-puller/cli/main.js';

process.exitCode = await main(process.argv.slice(2), {
  clock: {
    now: () => Date.now(),
    after(ms, action) {
      const timer = setTimeout(action, ms).unref();
      return () => clearTimeout(timer);
    },
  },
  directory: process.cwd(),
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
});
