import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { Environment } from '@kcp/controllers/controller/environment';
import type { ObjectInformer } from '../controllers/object-informer.js';
import { HEARTBEAT_MS } from '../limits.js';
import type { SimulatedNode } from './nodes.js';
import { NODE_DOWN } from './sim-annotations.js';

/** Makes the nodes of a cluster known and keeps saying that they are there, as long as they are. */
export class Heartbeat {
  readonly #environment: Environment;
  readonly #cluster: ClusterName;
  readonly #nodes: readonly SimulatedNode[];
  readonly #informer: ObjectInformer;
  readonly #intervalMs: number;
  #cancel: (() => void) | undefined;
  #stopped = false;
  #beating: Promise<void> = Promise.resolve();

  constructor(
    environment: Environment,
    cluster: ClusterName,
    nodes: readonly SimulatedNode[],
    informer: ObjectInformer,
    intervalMs = HEARTBEAT_MS,
  ) {
    this.#intervalMs = intervalMs;
    this.#environment = environment;
    this.#cluster = cluster;
    this.#nodes = nodes;
    this.#informer = informer;
    informer.subscribe(({ key, before, after }) => {
      const came = before?.value.metadata.annotations?.[NODE_DOWN] === 'true';
      if (came && after !== undefined && after.value.metadata.annotations?.[NODE_DOWN] !== 'true') this.#back(key.name);
    });
  }

  /** Resolves when all nodes are known and ready. */
  async register(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.register()));
  }

  start(): void {
    this.#informer.start();
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#beating;
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#cancel = this.#environment.clock.after(this.#intervalMs, () => {
      this.#beating = this.#beat();
    });
  }

  async #beat(): Promise<void> {
    const up = this.#nodes.filter(({ plan }) => !this.#isDown(plan.name));
    await Promise.all(up.map((node) => this.#attempt(() => node.renewLease())));
    this.#schedule();
  }

  #back(name: string): void {
    const node = this.#nodes.find(({ plan }) => plan.name === name);
    const known = this.#informer.get({ cluster: this.#cluster, namespace: '', name });
    if (node !== undefined && known !== undefined) void this.#attempt(() => node.comeUp(known.value));
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.#stopped) this.#environment.log.warn('a node could not say that it is there', { error });
    }
  }

  #isDown(name: string): boolean {
    const node = this.#informer.get({ cluster: this.#cluster, namespace: '', name });
    return node?.value.metadata.annotations?.[NODE_DOWN] === 'true';
  }
}
