import type { JsonObject } from '@kcp/apimachinery/json/value';
import { type Condition, conditionsOf, hasCondition, withCondition } from '../controller/conditions.js';
import type { ContentReport } from './namespace-content.js';

/** What each condition says when there is nothing to complain of, in the order in which they stand. */
const FINE: readonly Condition[] = [
  fine('NamespaceDeletionDiscoveryFailure', 'ResourcesDiscovered', 'All resources successfully discovered'),
  fine(
    'NamespaceDeletionGroupVersionParsingFailure',
    'ParsedGroupVersions',
    'All legacy kube types successfully parsed',
  ),
  fine(
    'NamespaceDeletionContentFailure',
    'ContentDeleted',
    'All content successfully deleted, may be waiting on finalization',
  ),
  fine('NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed'),
  fine('NamespaceFinalizersRemaining', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'),
];

/** The conditions of a namespace after an attempt to empty it; undefined when they are so already. */
export function namespaceConditions(
  status: JsonObject,
  report: ContentReport,
  nowMs: number,
): JsonObject[] | undefined {
  const known = conditionsOf(status);
  const complaints = complaintsOf(report);
  const wanted = FINE.map((condition) => complaints.find(({ type }) => type === condition.type) ?? condition);
  if (wanted.every((condition) => hasCondition(known, condition))) return undefined;
  return wanted.reduce((all, condition) => withCondition(all, condition, nowMs), known);
}

function complaintsOf(report: ContentReport): Condition[] {
  const { discoveryFailure, failures, remaining, finalizers } = report;
  const found: Condition[] = [];
  if (discoveryFailure !== undefined) {
    found.push(complaint('NamespaceDeletionDiscoveryFailure', 'DiscoveryFailed', discoveryFailure));
  }
  if (failures.length > 0) {
    const text = `Failed to delete all resource types, ${failures.length} remaining: ${joined(failures)}`;
    found.push(complaint('NamespaceDeletionContentFailure', 'ContentDeletionFailed', text));
  }
  if (remaining.length > 0) {
    const texts = remaining.map(
      ({ resource, count }) => `${resource.resource}.${resource.group} has ${count} resource instances`,
    );
    const text = `Some resources are remaining: ${joined(texts)}`;
    found.push(complaint('NamespaceContentRemaining', 'SomeResourcesRemain', text));
  }
  if (finalizers.size > 0) {
    const texts = [...finalizers].map(([name, count]) => `${name} in ${count} resource instances`);
    const text = `Some content in the namespace has finalizers remaining: ${joined(texts)}`;
    found.push(complaint('NamespaceFinalizersRemaining', 'SomeFinalizersRemain', text));
  }
  return found;
}

function joined(texts: readonly string[]): string {
  return [...texts].sort().join(', ');
}

function fine(type: string, reason: string, message: string): Condition {
  return { type, status: 'False', reason, message };
}

function complaint(type: string, reason: string, message: string): Condition {
  return { type, status: 'True', reason, message };
}
