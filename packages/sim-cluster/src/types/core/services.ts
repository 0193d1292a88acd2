import { duplicate, type FieldError, invalid, notSupported, required } from '@kcp/apimachinery/errors/field-error';
import { isNumber, type JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readNumber, readObject, readObjects, readString, readStrings } from '@kcp/apimachinery/schema/read';
import { childPath, indexPath } from '@kcp/apimachinery/validation/field-path';
import { dns1123Label, nameIsDns1035Label } from '@kcp/apimachinery/validation/names';
import { validateLabels } from '@kcp/apimachinery/validation/object-meta';
import { coreV1 } from '@kcp/apiserver/builtins/core/core-group';
import { keepStatus } from '@kcp/apiserver/builtins/status-subresource';
import type { ResourceType } from '@kcp/apiserver/registry/resource-type';
import { choiceErrors } from '../pod/validate-containers.js';
import { textMap } from '../pod/validate-pod.js';
import { portNumberErrors, portReferenceErrors } from '../ports.js';
import { setDefault } from '../set-default.js';
import { specOf, workloadType } from '../workload-type.js';
import type { ServiceAddresses } from './service-addresses.js';

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const AFFINITIES = ['ClientIP', 'None'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const HEADLESS = 'None';
const AFFINITY_SECONDS = 10_800;

/** Services, with addresses out of a range of the cluster's own. */
export function services(addresses: ServiceAddresses): ResourceType {
  return workloadType({
    gvk: coreV1('Service'),
    plural: 'services',
    shortNames: ['svc'],
    inAll: true,
    namespaced: true,
    defaults,
    selectableFields: {
      'spec.clusterIP': (service) => readString(specOf(service), 'clusterIP'),
      'spec.type': (service) => readString(specOf(service), 'type'),
    },
    strategy: {
      generation: 'none',
      deleteReturnsObject: true,
      validateName: nameIsDns1035Label,
      prepareForCreate: (service) => {
        addresses.assign(specOf(service));
        service.status = { loadBalancer: {} };
      },
      prepareForUpdate: (service, old) => {
        keepStatus(service, old);
        keepAddresses(specOf(service), specOf(old));
        addresses.assign(specOf(service));
      },
      validateCreate: (service) => errors(specOf(service)),
      validateUpdate: (service, old) => [...errors(specOf(service)), ...changeErrors(specOf(service), specOf(old))],
    },
  });
}

function defaults(service: KubeObject): void {
  const spec = specOf(service);
  setDefault(spec, 'sessionAffinity', 'None');
  if (spec.sessionAffinity === 'ClientIP') {
    const config = readObject(spec, 'sessionAffinityConfig') ?? {};
    const client = readObject(config, 'clientIP') ?? {};
    client.timeoutSeconds ??= AFFINITY_SECONDS;
    spec.sessionAffinityConfig = { ...config, clientIP: client };
  }
  setDefault(spec, 'type', 'ClusterIP');
  for (const port of readObjects(spec, 'ports')) {
    setDefault(port, 'protocol', 'TCP');
    const target = port.targetPort;
    if (target === undefined || target === 0 || target === '') port.targetPort = port.port ?? 0;
  }
  const type = readString(spec, 'type');
  const outside = type === 'NodePort' || type === 'LoadBalancer';
  if (outside) setDefault(spec, 'externalTrafficPolicy', 'Cluster');
  if (outside || type === 'ClusterIP') setDefault(spec, 'internalTrafficPolicy', 'Cluster');
  if (type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
}

/** An update that does not mention what the cluster has given keeps it. */
function keepAddresses(spec: JsonObject, old: JsonObject): void {
  if (readString(spec, 'type') === 'ExternalName') return;
  for (const name of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'healthCheckNodePort']) {
    if ((spec[name] === undefined || spec[name] === '') && old[name] !== undefined) spec[name] = old[name];
  }
  const before = readObjects(old, 'ports');
  for (const port of readObjects(spec, 'ports')) {
    const same = before.find((one) => one.port === port.port && one.protocol === port.protocol);
    if (port.nodePort === undefined && same?.nodePort !== undefined) port.nodePort = same.nodePort;
  }
}

function errors(spec: JsonObject): FieldError[] {
  const type = readString(spec, 'type');
  const portless = type === 'ExternalName' || readString(spec, 'clusterIP') === HEADLESS;
  const ports = readObjects(spec, 'ports');
  return [
    ...(TYPES.includes(type) ? [] : [notSupported('spec.type', type, TYPES)]),
    ...(ports.length === 0 && !portless ? [required('spec.ports')] : []),
    ...portsErrors(ports),
    ...validateLabels(textMap(spec, 'selector'), 'spec.selector'),
    ...choiceErrors(spec, 'sessionAffinity', AFFINITIES, 'spec'),
    ...(type === 'ExternalName' && readString(spec, 'externalName') === '' ? [required('spec.externalName')] : []),
  ];
}

function portsErrors(ports: readonly JsonObject[]): FieldError[] {
  const names = new Set<string>();
  const seen = new Set<string>();
  return ports.flatMap((port, index) => {
    const at = indexPath('spec.ports', index);
    const found: FieldError[] = [];
    const [name, number] = [readString(port, 'name'), readNumber(port, 'port') ?? 0];
    if (name === '' && ports.length > 1) found.push(required(childPath(at, 'name')));
    else if (name !== '') found.push(...dns1123Label(name).map((text) => invalid(childPath(at, 'name'), name, text)));
    if (name !== '' && names.has(name)) found.push(duplicate(childPath(at, 'name'), name));
    names.add(name);
    found.push(...portNumberErrors(number, childPath(at, 'port')), ...choiceErrors(port, 'protocol', PROTOCOLS, at));
    if (isNumber(port.targetPort) || typeof port.targetPort === 'string') {
      found.push(...portReferenceErrors(port, 'targetPort', childPath(at, 'targetPort')));
    }
    const key = `${readString(port, 'protocol')}/${number}`;
    if (seen.has(key)) found.push(duplicate(at, { protocol: readString(port, 'protocol'), port: number }));
    seen.add(key);
    return found;
  });
}

function changeErrors(spec: JsonObject, old: JsonObject): FieldError[] {
  if (readString(spec, 'type') === 'ExternalName' || readString(old, 'type') === 'ExternalName') return [];
  const [now, before] = [readStrings(spec, 'clusterIPs')[0] ?? '', readStrings(old, 'clusterIPs')[0] ?? ''];
  if (before === '' || now === before) return [];
  return [invalid('spec.clusterIPs[0]', now === '' ? 'null' : [now], 'may not change once set')];
}
