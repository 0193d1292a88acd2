import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { keyText, type ObjectKey } from '@kcp/client/informer/object-key';
import type { Again } from '@kcp/client/queue/work-queue';
import { Controller } from '@kcp/controllers/controller/controller';
import type { Environment } from '@kcp/controllers/controller/environment';
import { unlessGone } from '@kcp/controllers/controller/unless-gone';
import type { ObjectInformer } from '../controllers/object-informer.js';
import { isDeleted, nodeOf, phaseOf } from '../controllers/pod-facts.js';
import { PODS } from '../controllers/resources.js';
import { writeStatus } from '../controllers/write-status.js';
import { STATUSES_AT_ONCE } from '../limits.js';
import { type LifeOptions, PodLife } from './pod-life.js';
import { podStatus } from './pod-status.js';
import { ProgramProcess } from './program-process.js';
import { type ProgramTable, programOf } from './programs.js';
import { NODE_DOWN } from './sim-annotations.js';
import { ACCOUNT_PATH, VolumeFault, Volumes } from './volumes.js';

export interface KubeletOptions extends LifeOptions {
  /** Addresses of the nodes, by name. */
  readonly nodes: ReadonlyMap<string, string>;
  readonly programs: ProgramTable;
  /** Where the API is for programs; undefined before it can be reached from outside. */
  readonly server: () => { readonly host: string; readonly port: number } | undefined;
}

const POD_NETWORK = '10.244';
const HOSTS = 254;

/** Runs the pods of all simulated nodes of one cluster: most are pretended to run, some really are. */
export class Kubelet {
  readonly #environment: Environment;
  readonly #options: KubeletOptions;
  readonly #pods: ObjectInformer;
  readonly #nodes: ObjectInformer;
  readonly #controller: Controller<ObjectKey>;
  readonly #lives = new Map<string, PodLife>();
  readonly #processes = new Map<string, ProgramProcess>();
  #addresses = 0;

  constructor(environment: Environment, pods: ObjectInformer, nodes: ObjectInformer, options: KubeletOptions) {
    this.#environment = environment;
    this.#options = options;
    this.#pods = pods;
    this.#nodes = nodes;
    this.#controller = new Controller({
      name: 'kubelet',
      environment,
      sources: [pods, nodes],
      textOf: keyText,
      workers: STATUSES_AT_ONCE,
      reconcile: (key, signal) => this.#reconcile(key, signal),
    });
    pods.subscribe(({ key, after }) => {
      if (after === undefined || options.nodes.has(nodeOf(after.value))) this.#controller.enqueue(key);
    });
    nodes.subscribe(({ key, after }) => {
      if (after !== undefined) this.#nodeChanged(key.cluster, key.name);
    });
  }

  start(): void {
    this.#controller.start();
  }

  async stop(): Promise<void> {
    await this.#controller.stop();
    await Promise.all([...this.#processes.values()].map((one) => one.stop()));
  }

  /** What the programs of a pod wrote; undefined for a pod that is pretended to run. */
  logOf(key: ObjectKey): string | undefined {
    return this.#processes.get(keyText(key))?.log;
  }

  #nodeChanged(cluster: ClusterName, node: string): void {
    if (!this.#options.nodes.has(node)) return;
    for (const { key, value } of this.#pods.entries(cluster)) {
      if (nodeOf(value) === node) this.#controller.enqueue(key);
    }
  }

  async #reconcile(key: ObjectKey, signal: AbortSignal): Promise<Again | undefined> {
    const pod = this.#pods.get(key)?.value;
    if (pod === undefined || !this.#options.nodes.has(nodeOf(pod))) return this.#forget(key);
    if (this.#isDown(key.cluster, nodeOf(pod))) return this.#fallSilent(key);
    if (isDeleted(pod)) return this.#end(key, pod, signal);
    if (phaseOf(pod) === 'Succeeded' || phaseOf(pod) === 'Failed') return undefined;
    // Another pod of the same name may have come while nobody looked.
    const known = this.#lives.get(keyText(key));
    if (known !== undefined && known.uid !== pod.metadata.uid) await this.#forget(key);
    const life = this.#lifeOf(key, pod);
    const now = this.#environment.clock.now();
    if (life.advance(pod, now)) this.#processes.get(keyText(key))?.kill();
    if (life.mayStart(now)) await this.#begin(key, pod, life);
    await this.#tell(key, pod, life, signal);
    const next = life.done ? undefined : life.next(this.#environment.clock.now());
    return next === undefined ? undefined : { afterMs: next };
  }

  #isDown(cluster: ClusterName, node: string): boolean {
    const found = this.#nodes.get({ cluster, namespace: '', name: node });
    return found?.value.metadata.annotations?.[NODE_DOWN] === 'true';
  }

  #lifeOf(key: ObjectKey, pod: KubeObject): PodLife {
    const known = this.#lives.get(keyText(key));
    if (known !== undefined) return known;
    const index = this.#addresses++;
    const address = `${POD_NETWORK}.${Math.floor(index / HOSTS) % 256}.${(index % HOSTS) + 1}`;
    const hostAddress = this.#options.nodes.get(nodeOf(pod)) ?? '';
    const life = new PodLife(pod, { address, hostAddress }, this.#options, this.#environment.clock.now());
    this.#lives.set(keyText(key), life);
    return life;
  }

  async #begin(key: ObjectKey, pod: KubeObject, life: PodLife): Promise<void> {
    const program = programOf(pod, this.#options.programs);
    const now = this.#environment.clock.now();
    if (program === undefined) return life.start(pod, this.#options, now, false);
    try {
      await this.#run(key, pod, life, program);
      life.start(pod, this.#options, now, true);
    } catch (error) {
      if (!(error instanceof VolumeFault)) throw error;
      life.hold('CreateContainerConfigError', error.message, now);
    }
  }

  async #run(
    key: ObjectKey,
    pod: KubeObject,
    life: PodLife,
    { container, command }: NonNullable<ReturnType<typeof programOf>>,
  ): Promise<void> {
    const directory = mkdtempSync(join(tmpdir(), 'sim-pod-'));
    const mounts = await new Volumes(this.#environment.client.in(key.cluster)).mount(pod, container, directory);
    const server = this.#options.server();
    const environment = {
      HOSTNAME: pod.metadata.name ?? '',
      KUBERNETES_SERVICE_ACCOUNT_DIRECTORY: join(directory, ACCOUNT_PATH),
      ...(server === undefined
        ? {}
        : { KUBERNETES_SERVICE_HOST: server.host, KUBERNETES_SERVICE_PORT: String(server.port) }),
    };
    const running = new ProgramProcess({ command, container, directory, mounts, environment });
    this.#processes.set(keyText(key), running);
    void running.exited.then((code) => {
      if (this.#processes.get(keyText(key)) !== running) return;
      this.#processes.delete(keyText(key));
      const present = this.#pods.get(key)?.value ?? pod;
      life.end(present, code, this.#environment.clock.now());
      this.#controller.enqueue(key);
    });
  }

  async #tell({ cluster }: ObjectKey, pod: KubeObject, life: PodLife, signal: AbortSignal): Promise<void> {
    const status = podStatus(pod, life.report(pod, this.#environment.clock.now()));
    const environment = this.#environment;
    await writeStatus({ environment, resource: PODS, informer: this.#pods, cluster, object: pod, status, signal });
  }

  /** The pod is to go: its program ends, then the pod is gone. */
  async #end(key: ObjectKey, pod: KubeObject, signal: AbortSignal): Promise<undefined> {
    await this.#stopProgram(key);
    this.#lives.delete(keyText(key));
    const { uid = '' } = pod.metadata;
    const place = { namespace: key.namespace, name: key.name };
    const options = { gracePeriodSeconds: 0, preconditions: { uid }, signal };
    await unlessGone(this.#environment.client.in(key.cluster).delete(PODS, place, options));
    return undefined;
  }

  async #forget(key: ObjectKey): Promise<undefined> {
    this.#lives.delete(keyText(key));
    await this.#stopProgram(key);
    return undefined;
  }

  /** A node that is down has lost its programs, and says nothing of it. */
  async #fallSilent(key: ObjectKey): Promise<undefined> {
    this.#lives.delete(keyText(key));
    await this.#stopProgram(key);
    return undefined;
  }

  async #stopProgram(key: ObjectKey): Promise<void> {
    const running = this.#processes.get(keyText(key));
    this.#processes.delete(keyText(key));
    await running?.stop();
  }
}
