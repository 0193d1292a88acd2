import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import { ROOT_CLUSTER } from '@kcp/apimachinery/meta/cluster-name';
import { systemClock } from '@kcp/apiserver/clock';
import type { Client } from '@kcp/client/rest/client';
import { inProcessClient, mastersUser } from 'kcp/assembly/in-process-client';
import { type OpenSocket, openSocket } from 'kcp/assembly/open-socket';
import { openStore } from 'kcp/assembly/open-store';
import { type Core, startCore } from 'kcp/assembly/start-core';
import { certificateDirectory } from 'kcp/certificates/ensure-certificates';
import { writePrivateFile } from 'kcp/certificates/private-file';
import type { Log } from 'kcp/log/log';
import { NODES } from './controllers/resources.js';
import { simKubeconfig } from './kubeconfig.js';
import { NODE_GRACE_MS } from './limits.js';
import type { ProgramTable } from './node/programs.js';
import { NODE_DOWN } from './node/sim-annotations.js';
import { SimControllers } from './sim-controllers.js';
import { hiddenFields, withoutFields } from './types/hidden-fields.js';
import { workloadTypes } from './types/workload-types.js';

export interface SimClusterOptions {
  readonly name: string;
  /** With `disk`, everything is kept below `directory`. */
  readonly storage: 'memory' | 'disk';
  /** Where certificates, the kubeconfig and, on disk, the data are; nowhere when absent. */
  readonly directory?: string;
  readonly host?: string;
  /** 0: any free port. */
  readonly port?: number;
  /** Number of simulated nodes. */
  readonly nodes?: number;
  readonly podStartDelayMs?: number;
  /** How long containers of pods that end run. */
  readonly runForMs?: number;
  /** How long a node may be silent before it counts as lost. */
  readonly nodeGraceMs?: number;
  /** Fields that the cluster does not know, such as `pods.spec.ephemeralContainers`. */
  readonly withoutFields?: readonly string[];
  /** What is really run for containers. */
  readonly programs?: ProgramTable;
  readonly log?: Log;
}

/** A stand-in for a cluster with nodes, at work. */
export interface SimCluster {
  readonly name: string;
  readonly url: string;
  readonly port: number;
  /** The text of a kubeconfig for an administrator; its one context is called after the cluster. */
  readonly kubeconfig: string;
  /** The file that holds it, where there is a `directory`. */
  readonly kubeconfigFile: string | undefined;
  /** An administrator's access without a socket. */
  readonly client: Client;
  /** Cannot be reached from now on, while everything inside goes on. */
  goAway(): Promise<void>;
  /** Can be reached again, under the same address. */
  comeBack(): Promise<void>;
  /** The node falls silent, and all its pods with it. */
  takeNodeDown(node: string): Promise<void>;
  bringNodeUp(node: string): Promise<void>;
  /** Ends everything. Idempotent. */
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const NO_LOG: Log = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };
const NODES_DEFAULT = 2;
const START_DELAY_MS = 200;
const RUN_FOR_MS = 500;

/** Starts a stand-in cluster. Rejects with what is wrong with the store or the port; then nothing is left running. */
export async function startSimCluster(options: SimClusterOptions): Promise<SimCluster> {
  const { log = NO_LOG, directory = '' } = options;
  const all = workloadTypes();
  const hidden = hiddenFields(options.withoutFields ?? [], all);
  const store = await openStore({ inMemory: options.storage === 'memory', rootDirectory: directory, history: {} }, log);
  const running = new Running(options);
  const core = await startCore({
    store,
    log,
    identity: { tokens: [], anonymous: true },
    types: all.map((type) => withoutFields(type, hidden)),
    hiddenFields: hidden,
    controllers: (environmentOf) => [running.makeControllers(environmentOf)],
  });
  try {
    return await running.open(core, log);
  } catch (error) {
    await core.stop();
    throw error;
  }
}

type EnvironmentOf = ConstructorParameters<typeof SimControllers>[0];

class Running {
  readonly #options: SimClusterOptions;
  #controllers: SimControllers | undefined;
  #socket: OpenSocket | undefined;
  #away = false;

  constructor(options: SimClusterOptions) {
    this.#options = options;
  }

  makeControllers(environmentOf: EnvironmentOf): SimControllers {
    const { name, nodes = NODES_DEFAULT, podStartDelayMs = START_DELAY_MS, runForMs = RUN_FOR_MS } = this.#options;
    this.#controllers = new SimControllers(environmentOf, {
      cluster: CLUSTER,
      name,
      nodes,
      startDelayMs: podStartDelayMs,
      runForMs,
      nodeGraceMs: this.#options.nodeGraceMs ?? NODE_GRACE_MS,
      programs: this.#options.programs ?? {},
      server: () => {
        const socket = this.#socket;
        return socket === undefined ? undefined : { host: this.#options.host ?? HOST, port: socket.port };
      },
    });
    return this.#controllers;
  }

  async open(core: Core, log: Log): Promise<SimCluster> {
    const client = inProcessClient(core.server, mastersUser('sim-admin'), systemClock, 'sim-cluster').in(CLUSTER);
    const socket = await this.#listen(core, log, this.#options.port ?? 0);
    core.trust(socket.trust);
    await this.#controllers?.ready();
    const kubeconfig = simKubeconfig(this.#options.name, socket.access);
    const kubeconfigFile = this.#write(kubeconfig);
    const annotate = (node: string, value: string | null) => annotateNode(client, node, value);
    return {
      name: this.#options.name,
      url: socket.url,
      port: socket.port,
      kubeconfig,
      kubeconfigFile,
      client,
      goAway: () => this.#leave(),
      comeBack: async () => {
        if (this.#away) await socket.reopen();
        this.#away = false;
      },
      takeNodeDown: (node) => annotate(node, 'true'),
      bringNodeUp: (node) => annotate(node, null),
      stop: () => core.stop(this.#away ? undefined : this.#socket),
    };
  }

  async #listen(core: Core, log: Log, port: number): Promise<OpenSocket> {
    const { directory, host = HOST } = this.#options;
    const socket = await openSocket(
      core.server,
      {
        listen: { host, port },
        externalHostnames: [],
        certificateDirectory: directory === undefined ? undefined : certificateDirectory(directory),
        serving: undefined,
        clientCaFile: undefined,
      },
      log,
    );
    this.#socket = socket;
    return socket;
  }

  async #leave(): Promise<void> {
    if (this.#away) return;
    this.#away = true;
    await this.#socket?.close(0);
  }

  #write(kubeconfig: string): string | undefined {
    const { directory } = this.#options;
    if (directory === undefined) return undefined;
    const file = `${directory}/admin.kubeconfig`;
    writePrivateFile(file, kubeconfig);
    return file;
  }
}

/** The one that a request without a name is for. */
const CLUSTER: ClusterName = ROOT_CLUSTER;

async function annotateNode(client: Client, name: string, value: string | null): Promise<void> {
  const annotations = { [NODE_DOWN]: value };
  await client.patch(NODES, { name }, { type: 'merge', value: { metadata: { annotations } } });
}
