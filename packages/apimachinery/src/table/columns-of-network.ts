import type { JsonObject } from '../json/value.js';
import type { KubeObject } from '../meta/object.js';
import { readNumber, readObject, readObjects, readOptionalString, readString, readStrings } from '../schema/read.js';
import { AGE_COLUMN, column, creationAge, NAME_COLUMN, type TableType } from './column.js';
import { labelsCell, NOTHING, nameOf, selectorCell, specOf, statusOf } from './workload-cells.js';

/** Endpoints that are named before the rest is only counted. */
const SHOWN_ENDPOINTS = 3;

export const SERVICE_TABLE: TableType = {
  columns: [
    NAME_COLUMN,
    column('Type', 'string', 'How the service can be reached.'),
    column('Cluster-IP', 'string', 'Address within the cluster.'),
    column('External-IP', 'string', 'Addresses from outside.'),
    column('Port(s)', 'string', 'Ports and protocols.'),
    AGE_COLUMN,
    column('Selector', 'string', 'Labels of the pods behind it.', { priority: 1 }),
  ],
  cells: (service) => {
    const spec = specOf(service);
    return [
      nameOf(service),
      readString(spec, 'type'),
      readStrings(spec, 'clusterIPs')[0] || readString(spec, 'clusterIP') || NOTHING,
      externalAddress(service, spec),
      readObjects(spec, 'ports').map(portText).join(',') || NOTHING,
      creationAge(service),
      labelsCell(readObject(spec, 'selector')),
    ];
  },
};

function externalAddress(service: KubeObject, spec: JsonObject): string {
  const own = readStrings(spec, 'externalIPs');
  switch (readString(spec, 'type')) {
    case 'LoadBalancer': {
      const all = [...ingressAddresses(service), ...own];
      return all.join(',') || '<pending>';
    }
    case 'ExternalName':
      return readString(spec, 'externalName');
    default:
      return own.join(',') || NOTHING;
  }
}

function ingressAddresses(object: KubeObject): string[] {
  const balancer = readObject(statusOf(object), 'loadBalancer') ?? {};
  return readObjects(balancer, 'ingress').map((one) => readString(one, 'ip') || readString(one, 'hostname'));
}

function portText(port: JsonObject): string {
  const node = readNumber(port, 'nodePort') ?? 0;
  return `${readNumber(port, 'port') ?? 0}${node > 0 ? `:${node}` : ''}/${readString(port, 'protocol')}`;
}

export const ENDPOINTS_TABLE: TableType = {
  columns: [NAME_COLUMN, column('Endpoints', 'string', 'Addresses and ports of what is ready.'), AGE_COLUMN],
  cells: (endpoints) => {
    const all = readObjects(endpoints, 'subsets').flatMap((subset) => {
      const hosts = readObjects(subset, 'addresses').map((one) => readString(one, 'ip'));
      const ports = readObjects(subset, 'ports').map((one) => readNumber(one, 'port') ?? 0);
      if (ports.length === 0) return hosts;
      return ports.flatMap((port) => hosts.map((host) => `${host}:${port}`));
    });
    return [nameOf(endpoints), firstFew(all, NOTHING), creationAge(endpoints)];
  },
};

export const ENDPOINT_SLICE_TABLE: TableType = {
  columns: [
    NAME_COLUMN,
    column('AddressType', 'string', 'What its addresses are.'),
    column('Ports', 'string', 'Ports of all its endpoints.'),
    column('Endpoints', 'string', 'Addresses.'),
    AGE_COLUMN,
  ],
  cells: (slice) => [
    nameOf(slice),
    readString(slice, 'addressType'),
    firstFew(
      readObjects(slice, 'ports').map((port) => readNumber(port, 'port')?.toString() ?? readString(port, 'name')),
      '<unset>',
    ),
    firstFew(
      readObjects(slice, 'endpoints').flatMap((endpoint) => readStrings(endpoint, 'addresses')),
      '<unset>',
    ),
    creationAge(slice),
  ],
};

function firstFew(all: readonly string[], nothing: string): string {
  if (all.length === 0) return nothing;
  const rest = all.length - SHOWN_ENDPOINTS;
  const shown = all.slice(0, SHOWN_ENDPOINTS).join(',');
  return rest > 0 ? `${shown} + ${rest} more...` : shown;
}

export const INGRESS_TABLE: TableType = {
  columns: [
    NAME_COLUMN,
    column('Class', 'string', 'Which controller it is for.'),
    column('Hosts', 'string', 'Hosts that it answers for.'),
    column('Address', 'string', 'Where it can be reached.'),
    column('Ports', 'string', 'Ports that are open: 443 as well when there is TLS.'),
    AGE_COLUMN,
  ],
  cells: (ingress) => {
    const spec = specOf(ingress);
    const hosts = readObjects(spec, 'rules')
      .map((rule) => readString(rule, 'host'))
      .filter((host) => host !== '');
    return [
      nameOf(ingress),
      readOptionalString(spec, 'ingressClassName') ??
        ingress.metadata.annotations?.['kubernetes.io/ingress.class'] ??
        NOTHING,
      firstFew(hosts, '*'),
      ingressAddresses(ingress).join(','),
      readObjects(spec, 'tls').length > 0 ? '80, 443' : '80',
      creationAge(ingress),
    ];
  },
};

export const NETWORK_POLICY_TABLE: TableType = {
  columns: [NAME_COLUMN, column('Pod-Selector', 'string', 'Labels of the pods it applies to.'), AGE_COLUMN],
  cells: (policy) => [nameOf(policy), selectorCell(readObject(specOf(policy), 'podSelector')), creationAge(policy)],
};
