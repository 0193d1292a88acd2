import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject } from '@kcp/apimachinery/schema/read';
import { CLUSTER_LABEL, OWNED_BY_LABEL, portableAnnotations, SYNC_UP_ANNOTATION } from '../sync-names.js';
import { valueDigest } from '../syncer/digest.js';
import { LABEL_DIGEST_LENGTH, LABEL_LENGTH_MAX } from './limits.js';
import { isShareRule } from './share-rules.js';

/** `web--us-east1`. */
export function leafName(root: string, cluster: string): string {
  return `${root}--${cluster}`;
}

/** What the label says of a root; a name that is too long for a label is cut, and told apart by a digest. */
export function ownedByValue(root: string): string {
  if (root.length <= LABEL_LENGTH_MAX) return root;
  const digest = valueDigest(root)
    .replaceAll(/[^A-Za-z0-9]/g, '0')
    .slice(0, LABEL_DIGEST_LENGTH);
  return `${root.slice(0, LABEL_LENGTH_MAX - LABEL_DIGEST_LENGTH - 1)}-${digest}`;
}

/** The part of a root in one cluster: the root's own content with its share of the replicas. */
export function leafObject(root: KubeObject, cluster: string, replicas: number): KubeObject {
  const { name = '', namespace = '', uid = '' } = root.metadata;
  const { labels, annotations } = carriedMetadata(root);
  const owner = { apiVersion: root.apiVersion, kind: root.kind, name, uid, controller: true, blockOwnerDeletion: true };
  return {
    apiVersion: root.apiVersion,
    kind: root.kind,
    metadata: {
      name: leafName(name, cluster),
      namespace,
      labels: { ...labels, [CLUSTER_LABEL]: cluster, [OWNED_BY_LABEL]: ownedByValue(name) },
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ownerReferences: [owner],
    },
    spec: { ...(readObject(root, 'spec') ?? {}), replicas },
  };
}

/** Labels and annotations that a leaf has from its root. */
function carriedMetadata({ metadata }: KubeObject): {
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
} {
  const { [CLUSTER_LABEL]: _, [OWNED_BY_LABEL]: __, ...labels } = metadata.labels ?? {};
  // The replicas of a leaf are its share: nobody else's to change.
  const { [SYNC_UP_ANNOTATION]: ___, ...portable } = portableAnnotations(metadata.annotations);
  const annotations = Object.fromEntries(Object.entries(portable).filter(([name]) => !isShareRule(name)));
  return { labels, annotations };
}

/** Of the spec that a root and its leaves have in common: all but the replicas. */
export function specDigest(object: KubeObject): string {
  const { replicas: _, ...spec }: JsonObject = readObject(object, 'spec') ?? {};
  return valueDigest(spec);
}

/** Of the labels and annotations that they have in common. */
export function carriedDigest(object: KubeObject): string {
  return valueDigest({ ...carriedMetadata(object) });
}
