import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readBoolean, readNumber, readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import { keyText, type ObjectKey } from '@kcp/client/informer/object-key';
import type { Again } from '@kcp/client/queue/work-queue';
import { Controller } from '@kcp/controllers/controller/controller';
import type { Environment } from '@kcp/controllers/controller/environment';
import { RECONCILIATIONS_AT_ONCE } from '../../limits.js';
import { claimObjects } from '../adoption.js';
import { enqueueOwners } from '../enqueue-owners.js';
import { BY_CONTROLLER, controllerOf, type ObjectInformer } from '../object-informer.js';
import { isActive, isDeleted, specOf, statusOf } from '../pod-facts.js';
import { selectorOfSpec } from '../replica-set/replica-set-controller.js';
import { DEPLOYMENTS, REPLICA_SETS } from '../resources.js';
import { writeStatus } from '../write-status.js';
import { availabilityOf, countsOf, isComplete, withDeploymentCondition } from './deployment-status.js';
import { newReplicas, oldReplicas, proportionalReplicas, replicasWanted } from './plan.js';
import { progress } from './progress.js';
import { COMPONENT, HashCollision, ReplicaSetWriter, type Rollout } from './replica-set-writer.js';
import { DESIRED_REPLICAS, nextRevision, REVISION, revisionOf } from './revisions.js';
import { sameTemplate } from './template-hash.js';

const HISTORY_LIMIT = 10;

/** The sets of a deployment: that of its present template, if there is one, and the others, oldest first. */
interface Sets {
  readonly current: KubeObject | undefined;
  readonly old: readonly KubeObject[];
}

export interface DeploymentInformers {
  readonly deployments: ObjectInformer;
  readonly replicaSets: ObjectInformer;
  readonly pods: ObjectInformer;
}

/** Brings deployments from one template to the next, replica set by replica set (upstream's deployment controller). */
export class DeploymentController {
  readonly #environment: Environment;
  readonly #informers: DeploymentInformers;
  readonly #writer: ReplicaSetWriter;
  readonly #controller: Controller<ObjectKey>;

  constructor(environment: Environment, informers: DeploymentInformers) {
    const { deployments, replicaSets, pods } = informers;
    this.#environment = environment;
    this.#informers = informers;
    this.#writer = new ReplicaSetWriter(environment, replicaSets);
    this.#controller = new Controller({
      name: COMPONENT,
      environment,
      sources: [deployments, replicaSets, pods],
      textOf: keyText,
      workers: RECONCILIATIONS_AT_ONCE,
      reconcile: (key, signal) => this.#reconcile(key, signal),
    });
    const enqueue = (key: ObjectKey): void => this.#controller.enqueue(key);
    deployments.subscribe(({ key }) => enqueue(key));
    enqueueOwners({ owned: replicaSets, owners: deployments, kind: 'Deployment', selectorOf: selectorOfSpec, enqueue });
    // Only a Recreate waits for pods to be gone.
    pods.subscribe(({ key, before, after }) => {
      if (after === undefined && before !== undefined) this.#podGone(key, before.value);
    });
  }

  start(): void {
    this.#controller.start();
  }

  stop(): Promise<void> {
    return this.#controller.stop();
  }

  #podGone(key: ObjectKey, pod: KubeObject): void {
    const set = this.#informers.replicaSets.get({ ...key, name: controllerOf(pod)?.name ?? '' });
    const owner = set === undefined ? undefined : controllerOf(set.value);
    if (owner?.kind === 'Deployment') this.#controller.enqueue({ ...key, name: owner.name });
  }

  async #reconcile(key: ObjectKey, signal: AbortSignal): Promise<Again | undefined> {
    const deployment = this.#informers.deployments.get(key)?.value;
    if (deployment === undefined) return undefined;
    const rollout: Rollout = { cluster: key.cluster, deployment, signal };
    const sets = await this.#setsOf(rollout);
    if (isDeleted(deployment)) return this.#tell(rollout, sets);
    try {
      return await this.#roll(rollout, sets);
    } catch (error) {
      if (!(error instanceof HashCollision)) throw error;
      const status = statusOf(deployment);
      const collisionCount = (readNumber(status, 'collisionCount') ?? 0) + 1;
      await this.#write(rollout, { ...status, collisionCount });
      return undefined;
    }
  }

  async #setsOf({ cluster, deployment, signal }: Rollout): Promise<Sets> {
    const claimed = await claimObjects({
      environment: this.#environment,
      resource: REPLICA_SETS,
      informer: this.#informers.replicaSets,
      cluster,
      owner: deployment,
      selector: selectorOfSpec(specOf(deployment)),
      signal,
    });
    const sorted = claimed.sort((a, b) => age(a) - age(b));
    const template = readObject(specOf(deployment), 'template') ?? {};
    const current = sorted.find((set) => sameTemplate(readObject(specOf(set), 'template') ?? {}, template));
    return { current, old: sorted.filter((set) => set !== current) };
  }

  async #roll(rollout: Rollout, sets: Sets): Promise<Again | undefined> {
    const { deployment } = rollout;
    if (readBoolean(specOf(deployment), 'paused') || isRescaled(deployment, sets)) {
      const scaled = await this.#spread(rollout, sets);
      return this.#tell(rollout, await this.#prune(rollout, scaled));
    }
    const recreate = readString(readObject(specOf(deployment), 'strategy') ?? {}, 'type') === 'Recreate';
    const rolled = recreate ? await this.#recreate(rollout, sets) : await this.#update(rollout, sets);
    return this.#tell(rollout, await this.#prune(rollout, rolled));
  }

  async #update(rollout: Rollout, sets: Sets): Promise<Sets> {
    const current = await this.#present(rollout, sets);
    const all = [...sets.old, current];
    const grown = await this.#writer.scale(rollout, current, newReplicas(rollout.deployment, current, all));
    if (grown !== current && replicasWanted(grown) !== replicasWanted(current))
      return { current: grown, old: sets.old };
    const shrunk = oldReplicas(rollout.deployment, grown, sets.old);
    return { current: grown, old: await this.#scaleAll(rollout, sets.old, shrunk) };
  }

  async #recreate(rollout: Rollout, sets: Sets): Promise<Sets> {
    const none = new Map(sets.old.filter((set) => replicasWanted(set) > 0).map((set) => [set, 0]));
    const old = await this.#scaleAll(rollout, sets.old, none);
    const { pods } = this.#informers;
    const running = old.some((set) =>
      pods.indexed(BY_CONTROLLER, set.metadata.uid ?? '').some(({ value }) => isActive(value) || isDeleted(value)),
    );
    if (none.size > 0 || running) return { current: sets.current, old };
    const current = await this.#present(rollout, { ...sets, old });
    return { current: await this.#writer.scale(rollout, current, replicasWanted(rollout.deployment)), old };
  }

  /** The set of the present template with everything on it but the number of replicas; makes it if need be. */
  async #present(rollout: Rollout, { current, old }: Sets): Promise<KubeObject> {
    const revision = nextRevision(old);
    const set =
      current === undefined
        ? await this.#writer.create(rollout, old, revision)
        : await this.#writer.refresh(rollout, current, revision);
    await this.#noteRevision(rollout, set);
    return set;
  }

  /** The deployment carries the revision of its present set. */
  async #noteRevision({ cluster, deployment, signal }: Rollout, set: KubeObject): Promise<void> {
    const revision = String(revisionOf(set));
    if (deployment.metadata.annotations?.[REVISION] === revision) return;
    const { name = '', namespace } = deployment.metadata;
    const value = { metadata: { annotations: { [REVISION]: revision } } };
    const client = this.#environment.client.in(cluster);
    const patched = await client.patch(DEPLOYMENTS, { name, namespace }, { type: 'merge', value }, { signal });
    this.#informers.deployments.observe(cluster, patched);
  }

  /** A change of the number of replicas alone: of the one set that runs, or of all in proportion. */
  async #spread(rollout: Rollout, { current, old }: Sets): Promise<Sets> {
    const all = current === undefined ? [...old] : [...old, current];
    const active = all.filter((set) => replicasWanted(set) > 0);
    const only = active.length === 0 ? (current ?? all.at(-1)) : active.length === 1 ? active[0] : undefined;
    const wanted =
      only === undefined
        ? proportionalReplicas(rollout.deployment, all)
        : new Map([[only, replicasWanted(rollout.deployment)]]);
    const scaled = await this.#scaleAll(rollout, all, wanted);
    const uid = current?.metadata.uid;
    return {
      current: scaled.find((set) => set.metadata.uid === uid),
      old: scaled.filter((set) => set.metadata.uid !== uid),
    };
  }

  async #scaleAll(
    rollout: Rollout,
    sets: readonly KubeObject[],
    wanted: ReadonlyMap<KubeObject, number>,
  ): Promise<KubeObject[]> {
    const scaled: KubeObject[] = [];
    for (const set of sets) {
      const replicas = wanted.get(set);
      const stays = replicas === undefined && replicasWanted(set) === 0;
      scaled.push(stays ? set : await this.#writer.scale(rollout, set, replicas ?? replicasWanted(set)));
    }
    return scaled;
  }

  /** Lets go of old sets beyond the history that is to be kept, once nothing needs them. */
  async #prune(rollout: Rollout, sets: Sets): Promise<Sets> {
    const { deployment } = rollout;
    const all = sets.current === undefined ? sets.old : [...sets.old, sets.current];
    if (!isComplete(deployment, countsOf(deployment, sets.current, all))) return sets;
    const kept = readNumber(specOf(deployment), 'revisionHistoryLimit') ?? HISTORY_LIMIT;
    const idle = sets.old.filter(
      (set) => replicasWanted(set) === 0 && (readNumber(statusOf(set), 'replicas') ?? 0) === 0 && !isDeleted(set),
    );
    const surplus = idle.sort((a, b) => revisionOf(a) - revisionOf(b)).slice(0, Math.max(0, idle.length - kept));
    for (const set of surplus) await this.#writer.delete(rollout, set);
    return { ...sets, old: sets.old.filter((set) => !surplus.includes(set)) };
  }

  async #tell(rollout: Rollout, { current, old }: Sets): Promise<Again | undefined> {
    const { deployment } = rollout;
    const now = this.#environment.clock.now();
    const counts = countsOf(deployment, current, current === undefined ? old : [...old, current]);
    const { condition, lookAgainMs } = progress(deployment, current, counts, now);
    let conditions = readObjects(statusOf(deployment), 'conditions');
    conditions = withDeploymentCondition(conditions, availabilityOf(deployment, counts), now);
    if (condition !== undefined) conditions = withDeploymentCondition(conditions, condition, now);
    await this.#write(rollout, { ...counts, conditions });
    return lookAgainMs === undefined ? undefined : { afterMs: lookAgainMs };
  }

  #write({ cluster, deployment, signal }: Rollout, status: JsonObject): Promise<void> {
    const informer = this.#informers.deployments;
    // The revision may have been noted meanwhile; the status is of what was looked at all the same.
    const object = informer.get({ cluster, ...nameOf(deployment) })?.value ?? deployment;
    const resource = DEPLOYMENTS;
    return writeStatus({ environment: this.#environment, resource, informer, cluster, object, status, signal });
  }
}

function nameOf({ metadata: { namespace = '', name = '' } }: KubeObject): { namespace: string; name: string } {
  return { namespace, name };
}

function age(object: KubeObject): number {
  return Date.parse(object.metadata.creationTimestamp ?? '') || 0;
}

/** Some set was last scaled for another wanted number, so this is a change of that number alone. */
function isRescaled(deployment: KubeObject, { current, old }: Sets): boolean {
  const sets = current === undefined ? old : [...old, current];
  return sets.some((set) => {
    const noted = set.metadata.annotations?.[DESIRED_REPLICAS];
    return replicasWanted(set) > 0 && noted !== undefined && noted !== String(replicasWanted(deployment));
  });
}
