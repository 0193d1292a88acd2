import type { Environment } from '../controller/environment.js';
import { type Informers, multiclusterInformers } from './apis/informers.js';
import { API_IMPORTS, CLUSTERS, NEGOTIATED_APIS } from './apis/names.js';
import { WhenServed } from './apis/when-served.js';
import { ClusterController } from './cluster/cluster-controller.js';
import { NO_SYNC, type SyncMode } from './cluster/sync-mode.js';
import { ImportController } from './import/import-controller.js';
import { NegotiationController } from './negotiate/negotiation-controller.js';
import { PhysicalClusters } from './physical/physical-clusters.js';

export interface MulticlusterOptions {
  /** Its client sees all logical clusters. */
  readonly environment: Environment;
  /** `pods`, `deployments.apps`; none means all that a physical cluster serves. */
  readonly resources: readonly string[];
  /** What is negotiated is served at once. */
  readonly autoPublish: boolean;
  /** How objects come to physical clusters; somebody else's care when absent. `look` has a Cluster looked at again. */
  readonly mode?: (look: ClusterController['look']) => SyncMode;
}

/** Everything that makes many clusters one, but the splitter: clusters, imports, negotiation. */
export class MulticlusterControllers {
  readonly #informers: Informers;
  readonly #gates: readonly WhenServed[];
  readonly #physical: PhysicalClusters;
  readonly #controllers: readonly { start(): void; stop(): Promise<void> }[];

  constructor({ environment, resources, autoPublish, mode }: MulticlusterOptions) {
    const informers = multiclusterInformers(environment);
    const { definitions } = informers;
    const clusters = new WhenServed(definitions, CLUSTERS, informers.clusters);
    const importsOfApis = new WhenServed(definitions, API_IMPORTS, informers.imports);
    const negotiated = new WhenServed(definitions, NEGOTIATED_APIS, informers.negotiated);
    const physical = new PhysicalClusters(environment);
    const sources = [clusters, importsOfApis];
    const imports: ImportController = new ImportController({
      environment,
      informers,
      sources,
      physical,
      resources,
      onOutcome: (key) => controller.look(key),
    });
    const controller: ClusterController = new ClusterController({
      environment,
      informers,
      sources,
      physical,
      imports,
      mode: mode?.((key) => controller.look(key)) ?? NO_SYNC,
    });
    const negotiation = new NegotiationController({
      environment,
      informers,
      sources: [definitions, importsOfApis, negotiated],
      autoPublish,
    });
    this.#informers = informers;
    this.#gates = [clusters, importsOfApis, negotiated];
    this.#physical = physical;
    this.#controllers = [controller, imports, negotiation];
  }

  start(): void {
    for (const controller of this.#controllers) controller.start();
  }

  async stop(): Promise<void> {
    for (const gate of this.#gates) gate.stop();
    await Promise.all(this.#controllers.map((controller) => controller.stop()));
    await this.#physical.stop();
    const { clusters, imports, negotiated, definitions } = this.#informers;
    await Promise.all([clusters.stop(), imports.stop(), negotiated.stop(), definitions.stop()]);
  }
}
