import { createHash } from 'node:crypto';
import { sortedText } from '@kcp/apimachinery/json/sorted-text';
import type { JsonValue } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { portableAnnotations } from '../sync-names.js';

/** What a syncer keeps of an object: enough to see whether anything is to be done, some hundred bytes. */
export interface ObjectDigest {
  readonly uid: string;
  /** Of everything that goes down. */
  readonly content: string;
  /** Of the status; undefined for an object without one. */
  readonly status: string | undefined;
  /** Uids of its owners. */
  readonly owners: readonly string[];
  /** It has the finalizer of this syncer. */
  readonly held: boolean;
  readonly deleting: boolean;
}

const NOBODY: readonly string[] = [];

export function digestOf(object: KubeObject, finalizer: string): ObjectDigest {
  const { uid = '', ownerReferences, finalizers, deletionTimestamp } = object.metadata;
  return {
    uid,
    content: contentDigest(object),
    status: statusDigest(object),
    owners: ownerReferences === undefined ? NOBODY : ownerReferences.map((reference) => reference.uid),
    held: finalizers?.includes(finalizer) ?? false,
    deleting: deletionTimestamp !== undefined,
  };
}

/** Of everything but the status and what each server writes into metadata itself. */
export function contentDigest({ metadata, status: _, ...content }: KubeObject): string {
  const { labels = {}, annotations, ownerReferences = [] } = metadata;
  return valueDigest({ ...content, labels, annotations: portableAnnotations(annotations), ownerReferences });
}

export function statusDigest({ status }: KubeObject): string | undefined {
  return status === undefined || status === null ? undefined : valueDigest(status);
}

/** Equal for equal values, in whatever order their members are. */
export function valueDigest(value: JsonValue): string {
  return createHash('sha1').update(sortedText(value)).digest('base64');
}
