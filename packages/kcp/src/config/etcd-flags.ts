import { filePath, given, textList } from './flag-values.js';
import { invalidValue, UsageFault } from './read-flags.js';
import type { EtcdConfig } from './server-config.js';

type Values = ReadonlyMap<string, string>;

const DEFAULT_PREFIX = '/registry';

/** What the flags say of an etcd; undefined: there is none. Throws UsageFault. */
export function etcdConfig(values: Values): EtcdConfig | undefined {
  const servers = textList(values, 'etcd-servers');
  if (servers === undefined) {
    const alone = ['etcd-certfile', 'etcd-keyfile', 'etcd-cafile', 'etcd-prefix'].find((name) => values.has(name));
    if (alone !== undefined) throw new UsageFault(`--${alone} says nothing without --etcd-servers`);
    return undefined;
  }
  if (values.get('in-memory') === 'true') throw new UsageFault('--in-memory and --etcd-servers exclude each other');
  for (const server of servers) checkServer(server);
  const [certificateFile, keyFile] = [filePath(values, 'etcd-certfile'), filePath(values, 'etcd-keyfile')];
  if ((certificateFile === undefined) !== (keyFile === undefined)) {
    throw new UsageFault('--etcd-certfile and --etcd-keyfile belong together');
  }
  const files = given({ certificateFile, keyFile, caFile: filePath(values, 'etcd-cafile') });
  return { servers, prefix: prefix(values), ...files };
}

function checkServer(server: string): void {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.port !== '' && url.pathname === '/') return;
  throw invalidValue('etcd-servers', server, 'must be URLs such as https://host:2379');
}

/** Without the slash at its end that some write. */
function prefix(values: Values): string {
  const text = filePath(values, 'etcd-prefix') ?? DEFAULT_PREFIX;
  const root = text.endsWith('/') ? text.slice(0, -1) : text;
  if (/^(?:\/[^/]+)+$/.test(root)) return root;
  throw invalidValue('etcd-prefix', text, 'must be a path such as /registry');
}
