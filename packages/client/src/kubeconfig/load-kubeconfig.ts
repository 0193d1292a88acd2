import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { KubeconfigFault } from './kubeconfig.js';
import { parseKubeconfig } from './parse-kubeconfig.js';
import { resolveContext, type ServerAccess } from './resolve-context.js';

/** Reads a kubeconfig file and resolves one of its contexts, the current one by default. Throws KubeconfigFault. */
export async function loadKubeconfig(path: string, context?: string): Promise<ServerAccess> {
  const { parseYaml } = await import('@kcp/apimachinery/codec/yaml');
  try {
    const config = parseKubeconfig(parseYaml(readFileSync(path, 'utf8')).value);
    return context === undefined
      ? resolveContext(config, dirname(path))
      : resolveContext(config, dirname(path), context);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new KubeconfigFault(`kubeconfig ${path}: ${why}`, { cause: error });
  }
}
