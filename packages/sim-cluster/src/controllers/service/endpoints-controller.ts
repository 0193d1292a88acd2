import { deepEqual, isNumber, type JsonObject, type JsonValue } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import { readBoolean, readNumber, readObjects, readString } from '@kcp/apimachinery/schema/read';
import { keyText, type ObjectKey } from '@kcp/client/informer/object-key';
import { Controller } from '@kcp/controllers/controller/controller';
import type { Environment } from '@kcp/controllers/controller/environment';
import { RECONCILIATIONS_AT_ONCE } from '../../limits.js';
import type { ObjectInformer } from '../object-informer.js';
import { controllerReference, isDeleted, isReady, nodeOf, phaseOf, specOf, statusOf, texts } from '../pod-facts.js';
import { ENDPOINT_SLICES, ENDPOINTS } from '../resources.js';

const MANAGER = 'endpointslice-controller.k8s.io';
const SERVICE_LABEL = 'kubernetes.io/service-name';

export interface EndpointsInformers {
  readonly services: ObjectInformer;
  readonly pods: ObjectInformer;
  readonly endpoints: ObjectInformer;
  readonly slices: ObjectInformer;
}

/** Says which pods are behind each service: in one EndpointSlice, and in Endpoints for those who know them alone. */
export class EndpointsController {
  readonly #environment: Environment;
  readonly #informers: EndpointsInformers;
  readonly #controller: Controller<ObjectKey>;

  constructor(environment: Environment, informers: EndpointsInformers) {
    const { services, pods, endpoints, slices } = informers;
    this.#environment = environment;
    this.#informers = informers;
    this.#controller = new Controller({
      name: 'endpoints-controller',
      environment,
      sources: [services, pods, endpoints, slices],
      textOf: keyText,
      workers: RECONCILIATIONS_AT_ONCE,
      reconcile: async (key, signal) => this.#reconcile(key, signal),
    });
    services.subscribe(({ key }) => this.#controller.enqueue(key));
    pods.subscribe(({ key, before, after }) => {
      for (const { key: service, value } of services.entries(key.cluster)) {
        const behind = [before, after].some((pod) => pod !== undefined && selectsPod(value, pod.value));
        if (service.namespace === key.namespace && behind) this.#controller.enqueue(service);
      }
    });
  }

  start(): void {
    this.#controller.start();
  }

  stop(): Promise<void> {
    return this.#controller.stop();
  }

  async #reconcile(key: ObjectKey, signal: AbortSignal): Promise<undefined> {
    const service = this.#informers.services.get(key)?.value;
    if (service === undefined || isDeleted(service) || !hasSelector(service)) return undefined;
    const pods = [...this.#informers.pods.entries(key.cluster)]
      .filter((pod) => pod.key.namespace === key.namespace && selectsPod(service, pod.value) && hasAddress(pod.value))
      .map(({ value }) => value)
      .sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1));
    await this.#bring(key, ENDPOINT_SLICES, this.#informers.slices, sliceOf(service, pods), signal);
    await this.#bring(key, ENDPOINTS, this.#informers.endpoints, endpointsOf(service, pods), signal);
    return undefined;
  }

  async #bring(
    { cluster, namespace }: ObjectKey,
    resource: GroupVersionResource,
    informer: ObjectInformer,
    wanted: KubeObject,
    signal: AbortSignal,
  ): Promise<void> {
    const client = this.#environment.client.in(cluster);
    const known = informer.get({ cluster, namespace, name: wanted.metadata.name ?? '' })?.value;
    const { metadata, apiVersion: _, kind: __, ...content } = wanted;
    if (known === undefined) informer.observe(cluster, await client.create(resource, wanted, { signal }));
    else if (Object.entries(content).some(([name, value]) => !deepEqual(known[name] ?? [], value ?? []))) {
      const labels = { ...known.metadata.labels, ...metadata.labels };
      const next = { ...known, ...content, metadata: { ...known.metadata, labels } };
      informer.observe(cluster, await client.update(resource, next, { signal }));
    }
  }
}

function hasSelector(service: KubeObject): boolean {
  return Object.keys(texts(specOf(service), 'selector')).length > 0;
}

function selectsPod(service: KubeObject, pod: KubeObject): boolean {
  const selector = Object.entries(texts(specOf(service), 'selector'));
  return selector.length > 0 && selector.every(([key, value]) => pod.metadata.labels?.[key] === value);
}

function hasAddress(pod: KubeObject): boolean {
  const phase = phaseOf(pod);
  return readString(statusOf(pod), 'podIP') !== '' && phase !== 'Succeeded' && phase !== 'Failed';
}

function sliceOf(service: KubeObject, pods: readonly KubeObject[]): KubeObject {
  const { name = '', namespace = '' } = service.metadata;
  const early = readBoolean(specOf(service), 'publishNotReadyAddresses');
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-ipv4`,
      namespace,
      labels: { ...service.metadata.labels, [SERVICE_LABEL]: name, 'endpointslice.kubernetes.io/managed-by': MANAGER },
      ownerReferences: [controllerReference(service)],
    },
    addressType: 'IPv4',
    endpoints: pods.map((pod) => ({
      addresses: [readString(statusOf(pod), 'podIP')],
      conditions: {
        ready: early || (isReady(pod) && !isDeleted(pod)),
        serving: isReady(pod),
        terminating: isDeleted(pod),
      },
      ...target(pod),
    })),
    ports: ports(service, pods).map(({ name: port, number, protocol }) => ({ name: port, port: number, protocol })),
  };
}

function endpointsOf(service: KubeObject, pods: readonly KubeObject[]): KubeObject {
  const { name = '', namespace = '' } = service.metadata;
  const live = pods.filter((pod) => !isDeleted(pod));
  const address = (pod: KubeObject): JsonObject => ({ ip: readString(statusOf(pod), 'podIP'), ...target(pod) });
  const [ready, waiting] = [live.filter(isReady).map(address), live.filter((pod) => !isReady(pod)).map(address)];
  const named = ports(service, pods).map(({ name: port, number, protocol }) => ({
    ...(port === '' ? {} : { name: port }),
    port: number,
    protocol,
  }));
  const subset: JsonObject = {
    ...(ready.length === 0 ? {} : { addresses: ready }),
    ...(waiting.length === 0 ? {} : { notReadyAddresses: waiting }),
    ...(named.length === 0 ? {} : { ports: named }),
  };
  const subsets = live.length === 0 ? [] : [subset];
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name, namespace, labels: { ...service.metadata.labels } },
    subsets,
  };
}

function target(pod: KubeObject): JsonObject {
  const { name = '', namespace = '', uid = '' } = pod.metadata;
  return { nodeName: nodeOf(pod), targetRef: { kind: 'Pod', namespace, name, uid } };
}

interface Port {
  readonly name: string;
  readonly number: number;
  readonly protocol: string;
}

/** The ports of the pods that the service's lead to; a named one is looked up in the first pod. */
function ports(service: KubeObject, [first]: readonly KubeObject[]): Port[] {
  return readObjects(specOf(service), 'ports').flatMap((port) => {
    const number = portNumber(port.targetPort, first) ?? readNumber(port, 'port');
    if (number === undefined) return [];
    return [{ name: readString(port, 'name'), number, protocol: readString(port, 'protocol') || 'TCP' }];
  });
}

function portNumber(wanted: JsonValue | undefined, pod: KubeObject | undefined): number | undefined {
  if (isNumber(wanted)) return Number(wanted);
  if (pod === undefined) return undefined;
  const all = readObjects(specOf(pod), 'containers').flatMap((container) => readObjects(container, 'ports'));
  const found = all.find((port) => readString(port, 'name') === wanted);
  return found === undefined ? undefined : readNumber(found, 'containerPort');
}
