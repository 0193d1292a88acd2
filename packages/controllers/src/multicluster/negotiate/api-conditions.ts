import { type FieldError, fieldErrorText } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { Condition } from '../../controller/conditions.js';
import { conditionStatus, type DefinitionView, type NegotiatedView } from '../apis/views.js';
import { INCOMPATIBILITIES_TOLD_MAX } from '../limits.js';

/** Whether an import gets along with what was negotiated, and if not, where: one difference a line. */
export function compatible(errors: readonly FieldError[]): Condition {
  const type = 'Compatible';
  if (errors.length === 0) return { type, status: 'True', reason: 'CompatibleSchema', message: '' };
  const lines = errors.slice(0, INCOMPATIBILITIES_TOLD_MAX).map(fieldErrorText);
  const rest = errors.length - lines.length;
  const message = [...lines, ...(rest > 0 ? [`and ${rest} more`] : [])].join('\n');
  return { type, status: 'False', reason: 'IncompatibleSchema', message };
}

/**
 * Whether objects can be sent to the cluster of an import: it agrees, and the API is served. Before it ever was served
 * nothing is said.
 */
export function available(known: readonly JsonObject[], agrees: boolean, published: boolean): readonly Condition[] {
  const type = 'Available';
  if (agrees && published) return [{ type, status: 'True', reason: 'Published', message: '' }];
  if (conditionStatus(known, type) === '' && !published) return [];
  if (!agrees) {
    return [{ type, status: 'False', reason: 'IncompatibleSchema', message: 'the schema does not get along' }];
  }
  return [{ type, status: 'False', reason: 'NotPublished', message: 'the negotiated API is not served' }];
}

/** What is to be said of a negotiated API, given the definition of its resource. */
export function negotiatedConditions(
  negotiated: NegotiatedView,
  definition: DefinitionView | undefined,
): readonly Condition[] {
  const enforced = isEnforcedBy(definition, negotiated.api.version);
  const submitted = negotiated.publish && definition !== undefined;
  const told: Condition[] = [];
  const say = (type: string, holds: boolean, reason: string, message = '') => {
    told.push({ type, status: holds ? 'True' : 'False', reason, message });
  };
  if (submitted) say('Submitted', true, enforced ? 'DefinitionMadeByHand' : 'DefinitionWritten');
  const fault = definition === undefined ? 'there is no definition' : servingFault(definition, negotiated.api.version);
  const wasTold = conditionStatus(negotiated.conditions, 'Published') !== '';
  if (submitted || wasTold) say('Published', fault === undefined, fault === undefined ? 'Served' : 'NotServed', fault);
  if (submitted || wasTold || enforced) say('Enforced', enforced, enforced ? 'DefinitionMadeByHand' : 'Negotiated');
  return told;
}

/** A definition made by hand decides on the versions that it has. */
export function isEnforcedBy(definition: DefinitionView | undefined, version: string): boolean {
  return definition?.manual === true && !definition.deleting && definition.served.includes(version);
}

/** Why a definition does not serve a version; undefined when it does. */
export function servingFault(definition: DefinitionView, version: string): string | undefined {
  const { conditions, served, deleting } = definition;
  if (deleting || conditionStatus(conditions, 'Terminating') === 'True') return 'the definition is being deleted';
  if (!served.includes(version)) return 'the definition does not serve this version';
  if (conditionStatus(conditions, 'NonStructuralSchema') === 'True') return 'the schema is not structural';
  if (conditionStatus(conditions, 'NamesAccepted') === 'False') return 'the names are taken';
  return conditionStatus(conditions, 'Established') === 'True' ? undefined : 'the definition is not established yet';
}
