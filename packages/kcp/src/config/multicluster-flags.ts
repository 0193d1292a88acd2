import { textList } from './flag-values.js';
import { invalidValue, UsageFault } from './read-flags.js';
import type { MulticlusterConfig } from './server-config.js';

type Values = ReadonlyMap<string, string>;

const SYNCER_IMAGE = 'quay.io/kcp-dev/kcp-syncer';
/** Those of the first kcp. */
const RESOURCES = ['pods', 'deployments.apps'];

/**
 * What the flags say of physical clusters. `resources` are the arguments, where a command takes them so. Pulling is on
 * only where `pulls` says so and nobody asks to push. Throws UsageFault.
 */
export function multiclusterConfig(values: Values, pulls: boolean, resources: readonly string[]): MulticlusterConfig {
  const push = values.get('push-mode') === 'true';
  const pull = (values.get('pull-mode') ?? String(pulls && !push)) === 'true';
  if (push && pull) throw new UsageFault('--pull-mode and --push-mode exclude each other');
  const upstreamUrl = values.get('syncer-upstream-url');
  const named = resources.length > 0 ? resources : (textList(values, 'resources-to-sync') ?? RESOURCES);
  return {
    mode: push ? 'push' : pull ? 'pull' : 'none',
    syncerImage: values.get('syncer-image') || SYNCER_IMAGE,
    ...(upstreamUrl === undefined ? {} : { upstreamUrl: httpsUrl(upstreamUrl) }),
    resources: named,
    autoPublish: values.get('auto-publish-apis') === 'true',
  };
}

function httpsUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' && url.pathname === '/' && url.search === '') return url.origin;
  throw invalidValue('syncer-upstream-url', text, 'must be https://HOST:PORT');
}
