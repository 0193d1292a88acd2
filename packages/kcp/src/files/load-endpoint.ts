import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseYaml } from '@kcp/apimachinery/codec/yaml';
import { RemoteEndpoint } from '@kcp/apiserver/webhook/remote-endpoint';
import { parseKubeconfig } from '@kcp/client/kubeconfig/parse-kubeconfig';
import { resolveContext } from '@kcp/client/kubeconfig/resolve-context';

/** The service that the current context of a kubeconfig names. Throws KubeconfigFault and what the system says of the file. */
export function loadEndpoint(file: string): RemoteEndpoint {
  return new RemoteEndpoint(
    resolveContext(parseKubeconfig(parseYaml(readFileSync(file, 'utf8')).value), dirname(file)),
  );
}
