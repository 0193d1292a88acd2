import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readNumber, readObject } from '@kcp/apimachinery/schema/read';
import { CLUSTER_LABEL, OWNED_BY_LABEL } from '../sync-names.js';
import { carriedDigest, specDigest } from './leaf-object.js';
import { type ShareRules, shareRules } from './share-rules.js';

interface DeploymentFacts {
  readonly uid: string;
  readonly generation: number;
  readonly deleting: boolean;
  readonly replicas: number;
  /** Digest of the spec without the replicas: leaves have their root's. */
  readonly spec: string;
  /** Digest of labels and annotations that leaves have from their root. */
  readonly carried: string;
  readonly status: JsonObject;
}

/** A Deployment that is distributed over clusters. */
export interface RootView extends DeploymentFacts {
  readonly kind: 'root';
  readonly rules: ShareRules;
}

/** Its part in one of them. */
export interface LeafView extends DeploymentFacts {
  readonly kind: 'leaf';
  readonly location: string;
  readonly rootName: string;
  readonly rootUid: string;
}

export type DeploymentView = RootView | LeafView;

/** Upstream's default. */
const REPLICAS = 1;

/**
 * What the splitter keeps of a Deployment. A root is assigned to no cluster and part of nothing; a leaf says that it is
 * both, and names its root as its controller. Undefined for any other: somebody placed it himself.
 */
export function deploymentView(object: KubeObject): DeploymentView | undefined {
  const { labels = {}, annotations, ownerReferences = [] } = object.metadata;
  const location = labels[CLUSTER_LABEL];
  const isPart = labels[OWNED_BY_LABEL] !== undefined;
  if (location === undefined) {
    return isPart ? undefined : { kind: 'root', ...factsOf(object), rules: shareRules(annotations) };
  }
  const root = ownerReferences.find(({ kind, controller }) => kind === 'Deployment' && controller === true);
  if (!isPart || root === undefined) return undefined;
  return { kind: 'leaf', ...factsOf(object), location, rootName: root.name, rootUid: root.uid };
}

function factsOf(object: KubeObject): DeploymentFacts {
  const { uid = '', generation = 0, deletionTimestamp } = object.metadata;
  return {
    uid,
    generation,
    deleting: deletionTimestamp !== undefined,
    replicas: readNumber(readObject(object, 'spec') ?? {}, 'replicas') ?? REPLICAS,
    spec: specDigest(object),
    carried: carriedDigest(object),
    status: readObject(object, 'status') ?? {},
  };
}
