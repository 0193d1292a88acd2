import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readObject, readObjects } from '@kcp/apimachinery/schema/read';
import { builtinStrategy } from '@kcp/apiserver/builtins/builtin-strategy';
import { builtinType } from '@kcp/apiserver/builtins/builtin-type';
import { setDefault } from '../set-default.js';
import { specOf, workloadType } from '../workload-type.js';

const NETWORKING = { group: 'networking.k8s.io', version: 'v1' };

export const ENDPOINT_SLICES = builtinType({
  gvk: { group: 'discovery.k8s.io', version: 'v1', kind: 'EndpointSlice' },
  plural: 'endpointslices',
  namespaced: true,
  defaults: (slice) => {
    for (const port of readObjects(slice, 'ports')) {
      port.name ??= '';
      setDefault(port, 'protocol', 'TCP');
    }
  },
  strategy: builtinStrategy({ generation: 'allButMetadata' }),
});

export const INGRESSES = workloadType({
  gvk: { ...NETWORKING, kind: 'Ingress' },
  plural: 'ingresses',
  shortNames: ['ing'],
  namespaced: true,
  strategy: {
    prepareForCreate: (ingress) => {
      ingress.status = { loadBalancer: {} };
    },
  },
});

export const INGRESS_CLASSES = builtinType({
  gvk: { ...NETWORKING, kind: 'IngressClass' },
  plural: 'ingressclasses',
  namespaced: false,
  strategy: builtinStrategy({ generation: 'spec' }),
});

export const NETWORK_POLICIES = builtinType({
  gvk: { ...NETWORKING, kind: 'NetworkPolicy' },
  plural: 'networkpolicies',
  shortNames: ['netpol'],
  namespaced: true,
  defaults: (policy) => policyDefaults(specOf(policy)),
  strategy: builtinStrategy({ generation: 'spec' }),
});

function policyDefaults(spec: JsonObject): void {
  const egress = readObjects(spec, 'egress').length > 0;
  if (!Array.isArray(spec.policyTypes)) spec.policyTypes = egress ? ['Ingress', 'Egress'] : ['Ingress'];
  for (const rule of [...readObjects(spec, 'ingress'), ...readObjects(spec, 'egress')]) {
    for (const port of readObjects(rule, 'ports')) setDefault(port, 'protocol', 'TCP');
  }
  spec.podSelector ??= readObject(spec, 'podSelector') ?? {};
}
