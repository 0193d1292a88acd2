import { readObject, readString } from '@kcp/apimachinery/schema/read';
import type { Fixture } from './namespace-fixture.js';

const CA_KEY = 'ca.crt';
const DESCRIPTION = 'kubernetes.io/description';
/** Upstream's words. */
const DESCRIPTION_TEXT =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/** The service account `default`. */
export const DEFAULT_ACCOUNT: Fixture = {
  title: 'default service accounts',
  resource: { group: '', version: 'v1', resource: 'serviceaccounts' },
  name: 'default',
  metadataOnly: true,
  isRight: () => true,
  wanted: (namespace) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } }),
};

/** The ConfigMap `kube-root-ca.crt` with the authorities (PEM) that vouch for the server. */
export function rootCertificate(authorities: string): Fixture {
  const name = 'kube-root-ca.crt';
  return {
    title: 'root certificates',
    resource: { group: '', version: 'v1', resource: 'configmaps' },
    name,
    metadataOnly: false,
    isRight: (object) => {
      const data = readObject(object, 'data') ?? {};
      const right = readString(data, CA_KEY) === authorities && Object.keys(data).length === 1;
      return right && object.metadata.annotations?.[DESCRIPTION] !== undefined;
    },
    wanted: (namespace, found) => {
      const annotations = { ...found?.metadata.annotations, [DESCRIPTION]: DESCRIPTION_TEXT };
      const metadata = { ...(found?.metadata ?? { name, namespace }), annotations };
      return { apiVersion: 'v1', kind: 'ConfigMap', ...found, metadata, data: { [CA_KEY]: authorities } };
    },
  };
}
