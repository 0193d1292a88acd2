import { CLUSTER_ANNOTATION, type ClusterName, parseClusterName } from '@kcp/apimachinery/meta/cluster-name';

/** Where an object is among all logical clusters. The namespace is empty for objects of cluster scope. */
export interface ObjectKey {
  readonly cluster: ClusterName;
  readonly namespace: string;
  readonly name: string;
}

/** One line per key, for sets and logs: `cluster/namespace/name`. */
export function keyText({ cluster, namespace, name }: ObjectKey): string {
  return `${cluster}/${namespace}/${name}`;
}

/** The logical cluster that an object of a wildcard answer names; undefined when it names none. */
export function clusterOf(metadata: {
  readonly annotations?: Readonly<Record<string, string>>;
}): ClusterName | undefined {
  const name = metadata.annotations?.[CLUSTER_ANNOTATION];
  return name === undefined ? undefined : parseClusterName(name);
}
