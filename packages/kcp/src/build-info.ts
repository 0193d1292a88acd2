import { readFileSync } from 'node:fs';
import type { BuildInfo } from '@kcp/apiserver/version/version';

/** What this build calls itself. A checkout knows neither its commit nor its date, and says so. */
export const BUILD: BuildInfo = { version: packageVersion(), gitCommit: '', buildDate: '1970-01-01T00:00:00Z' };

function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return /"version":\s*"([^"]+)"/.exec(text)?.[1] ?? 'unknown';
}
