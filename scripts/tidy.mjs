#!/usr/bin/env node
// What a machine can check of the house rules: layers, import cycles, lengths, dead files, banned words and calls.
// Prints each breach and ends with `N passed, N failed`.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname ?? dirname(new URL(import.meta.url).pathname), '..');
/** What each package may import of ours. */
const LAYERS = {
  apimachinery: [],
  storage: ['apimachinery'],
  client: ['apimachinery'],
  apiserver: ['apimachinery', 'storage', 'client'],
  controllers: ['apimachinery', 'client'],
  kcp: ['apimachinery', 'storage', 'client', 'apiserver', 'controllers'],
  'sim-cluster': ['apimachinery', 'storage', 'client', 'apiserver', 'controllers', 'kcp'],
};
const FILE_LINES_MAX = 400;
const TEST_LINES_MAX = 900;
const TEST_FILE = /\.test\.ts$|\/testing\//;
const FUNCTION_LINES_MAX = 70;
/** Files that are started by something other than an import. */
const ENTRIES = [
  /\/cli\/(main|load-server|entry|cluster-controller)\.ts$/,
  // Threads, which are started by their place.
  /-worker\.ts$/,
  /\/testing\//,
  /\.test\.ts$/,
  /\.fixture\.ts$/,
  /^packages\/kcp\/src\/(index|library)\.ts$/,
  /^packages\/sim-cluster\/src\/start-sim-cluster\.ts$/,
];
const BANNED_NAMES = /(^|[/-])(utils?|helpers?|common|manager|misc)([/.-]|$)/;
const BANNED = [
  [/\bas any\b|: any\b|<any>/, 'any'],
  [/@ts-(ignore|expect-error|nocheck)/, 'a muted type error'],
  [/\b(TODO|FIXME|XXX)\b/, 'an open mark; finish it or write it into docs'],
  [/catch\s*(\([^)]*\))?\s*\{\s*\}/, 'a swallowed error'],
  [/\bMath\.random\(/, 'Math.random; take crypto or pass randomness in', /watch-timing|informer|reflector|backoff/],
  [/\bconsole\./, 'console; use the log', /cli\//],
];

const files = Object.keys(LAYERS).flatMap((name) => sources(join(root, 'packages', name, 'src')));
const text = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]));
const imports = new Map(files.map((file) => [file, importsOf(file)]));
const breaches = [];
let passed = 0;

check('layers', layerBreaches());
check('import cycles', cycles());
check('file lengths', lengths());
check('function lengths', functionLengths());
check('dead files', deadFiles());
check(
  'names',
  files
    .filter((file) => BANNED_NAMES.test(relative(root, file)))
    .map((file) => `${show(file)} has a name that says nothing`),
);
check('banned calls', banned());

for (const breach of breaches) console.log(breach);
console.log(`${passed} passed, ${breaches.length} failed`);
process.exit(breaches.length > 0 ? 1 : 0);

function check(name, found) {
  if (found.length === 0) passed++;
  for (const one of found) breaches.push(`${name}: ${one}`);
}

function sources(folder) {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

function show(file) {
  return relative(root, file);
}

function packageOf(file) {
  return show(file).split('/')[1];
}

function importsOf(file) {
  const found = [];
  for (const [, from] of text.get(file).matchAll(/(?:from|import\()\s*'([^']+)'/g)) {
    const own = /^(?:@kcp\/([a-z-]+)|(kcp))\/(.+)$/.exec(from);
    if (own) found.push(join(root, 'packages', own[1] ?? own[2], 'src', `${own[3]}.ts`));
    else if (from.startsWith('.')) found.push(resolve(dirname(file), from.replace(/\.js$/, '.ts')));
  }
  return found;
}

function layerBreaches() {
  return files.flatMap((file) =>
    imports
      .get(file)
      .filter((other) => packageOf(other) !== packageOf(file) && !LAYERS[packageOf(file)].includes(packageOf(other)))
      .map((other) => `${show(file)} imports ${show(other)}`),
  );
}

/** Cycles of imports that run (type-only imports vanish). */
function cycles() {
  const edges = new Map(files.map((file) => [file, valueImports(file)]));
  const state = new Map();
  const found = [];
  const visit = (file, path) => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      found.push([...path.slice(path.indexOf(file)), file].map(show).join(' -> '));
      return;
    }
    state.set(file, 'open');
    for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of files) visit(file, []);
  return found;
}

function valueImports(file) {
  const found = [];
  for (const [, names, from] of text.get(file).matchAll(/^import\s+(?!type\b)([^;]*?)\s*from\s*'(\.[^']+)'/gms)) {
    const onlyTypes =
      names.startsWith('{') &&
      names
        .slice(1, -1)
        .split(',')
        .map((name) => name.trim())
        .filter(Boolean)
        .every((name) => name.startsWith('type '));
    if (!onlyTypes) found.push(resolve(dirname(file), from.replace(/\.js$/, '.ts')));
  }
  return found;
}

function lengths() {
  return files.flatMap((file) => {
    const max = TEST_FILE.test(file) ? TEST_LINES_MAX : FILE_LINES_MAX;
    const lines = text.get(file).split('\n').length;
    return lines > max ? [`${show(file)} has ${lines} lines, ${max} at the most`] : [];
  });
}

/** Functions and methods by indentation: the code is formatted, so a block ends where its own indent closes. */
function functionLengths() {
  return files
    .filter((file) => !TEST_FILE.test(file))
    .flatMap((file) => {
      const lines = text.get(file).split('\n');
      return lines.flatMap((line, at) => {
        const head = /^( *)(?:export )?(?:static )?(?:async )?(?:function\*? |(?:get |\*)?#?[a-zA-Z]+\()[^=;]*\{$/.exec(
          line,
        );
        if (!head || /^ *(if|for|while|switch|return|catch)\b/.test(line)) return [];
        const end = lines.findIndex((other, i) => i > at && other === `${head[1]}}`);
        return end - at > FUNCTION_LINES_MAX
          ? [`${show(file)}:${at + 1} runs over ${end - at} lines, ${FUNCTION_LINES_MAX} at the most`]
          : [];
      });
    });
}

function deadFiles() {
  const used = new Set([...imports.values()].flat());
  return files
    .filter((file) => !used.has(file) && !ENTRIES.some((entry) => entry.test(show(file))))
    .map((file) => `${show(file)} is imported by nothing`);
}

/** The text without comments. */
function code(file) {
  return text
    .get(file)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '');
}

function banned() {
  return files
    .filter((file) => !TEST_FILE.test(file))
    .flatMap((file) =>
      BANNED.filter(([pattern, , except]) => pattern.test(code(file)) && !except?.test(show(file))).map(
        ([, what]) => `${show(file)} has ${what}`,
      ),
    );
}
