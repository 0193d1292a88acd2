import { readObject, readString } from '@kcp/apimachinery/schema/read';
import { Informer } from '@kcp/client/informer/informer';
import type { Environment } from '../controller/environment.js';

/** All that is kept of a namespace. */
export type NamespacePhase = 'Active' | 'Terminating';

/** The namespaces of all logical clusters. */
export function namespaceInformer(environment: Environment): Informer<NamespacePhase> {
  return new Informer<NamespacePhase>({
    ...environment,
    resource: { group: '', version: 'v1', resource: 'namespaces' },
    keep: (namespace) =>
      readString(readObject(namespace, 'status') ?? {}, 'phase') === 'Terminating' ? 'Terminating' : 'Active',
    onError: (error) => environment.log.warn('namespaces cannot be watched', { error }),
  });
}
