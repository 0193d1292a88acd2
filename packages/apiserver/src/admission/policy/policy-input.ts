import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { AdmissionAttributes } from '../admission.js';
import { admissionRequest, type MatchedVersion } from '../admission-request.js';
import type { ExpressionInput } from '../expression-engine.js';
import type { VersionedObjects } from '../versioned-objects.js';

/** What the expressions of a policy see of a write, without parameters. */
export async function policyInput(
  version: MatchedVersion,
  attributes: AdmissionAttributes,
  objects: VersionedObjects,
  namespaceObject: JsonObject | undefined,
): Promise<ExpressionInput> {
  const { object, old } = await objects.in(version.form);
  const request = { ...admissionRequest(version, attributes), options: attributes.options };
  return { attributes, object, oldObject: old, request, params: undefined, namespaceObject };
}
