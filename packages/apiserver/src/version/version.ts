import type { JsonObject } from '@kcp/apimachinery/json/value';

/** The Kubernetes release whose behaviour is served. */
export const KUBERNETES_MAJOR = '1';
export const KUBERNETES_MINOR = '36';
const MIN_COMPATIBILITY_MINOR = '35';

export interface BuildInfo {
  /** Version of this package: `0.1.0`. */
  readonly version: string;
  readonly gitCommit: string;
  /** RFC 3339. */
  readonly buildDate: string;
}

/** The document of `/version`. Go's members are kept because clients print them; here they name what runs instead. */
export function versionDocument({ version, gitCommit, buildDate }: BuildInfo): JsonObject {
  return {
    major: KUBERNETES_MAJOR,
    minor: KUBERNETES_MINOR,
    emulationMajor: KUBERNETES_MAJOR,
    emulationMinor: KUBERNETES_MINOR,
    minCompatibilityMajor: KUBERNETES_MAJOR,
    minCompatibilityMinor: MIN_COMPATIBILITY_MINOR,
    gitVersion: `v${KUBERNETES_MAJOR}.${KUBERNETES_MINOR}.0+kcp-ts-${version}`,
    gitCommit,
    gitTreeState: 'clean',
    buildDate,
    goVersion: `node-${process.version}`,
    compiler: 'v8',
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  };
}
