#!/usr/bin/env node
// Puts the command and the library into few files: a server consists of hundreds of modules, and finding and reading
// each takes longer than everything else that a start does. Chunks keep what is loaded on demand apart.
import { rmSync } from 'node:fs';
import { build } from 'esbuild';

const OUT = 'packages/kcp/bundle';

/** Modules that read the data beside them find it from the bundle's place as well. */
const dataPaths = {
  name: 'data paths',
  setup({ onLoad }) {
    onLoad({ filter: /apimachinery\/dist\/types\/(table|descriptions)\.js$/ }, async ({ path }) => {
      const { readFile } = await import('node:fs/promises');
      const contents = (await readFile(path, 'utf8')).replaceAll("'../../data/", "'../../apimachinery/data/");
      return { contents, loader: 'js' };
    });
  },
};

rmSync(OUT, { recursive: true, force: true });
await build({
  entryPoints: {
    cli: 'packages/kcp/dist/cli/entry.js',
    index: 'packages/kcp/dist/index.js',
    // A thread, which is found beside whoever starts it.
    'yaml-worker': 'packages/apiserver/dist/endpoints/yaml-worker.js',
  },
  outdir: OUT,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: ['lmdb', 'js-yaml', 're2js'],
  plugins: [dataPaths],
  sourcemap: 'linked',
  legalComments: 'none',
  logLevel: 'warning',
});
