import { type FieldError, invalid } from '@kcp/apimachinery/errors/field-error';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readNumber, readObject } from '@kcp/apimachinery/schema/read';
import { builtinStrategy, sameOnUpdate } from './builtin-strategy.js';
import { builtinType } from './builtin-type.js';

export const LEASES = builtinType({
  gvk: { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease' },
  plural: 'leases',
  namespaced: true,
  strategy: builtinStrategy(
    {
      ...sameOnUpdate(validate),
      createOnUpdate: true,
      unconditionalUpdate: false,
      prepareForCreate: dropElectionFields,
      prepareForUpdate: dropElectionFields,
    },
    'general',
  ),
});

/** Coordinated leader election is a feature that upstream leaves off; its fields are not kept then. */
function dropElectionFields(lease: KubeObject): void {
  const spec = readObject(lease, 'spec');
  if (spec === undefined) return;
  delete spec.strategy;
  delete spec.preferredHolder;
}

function validate(lease: KubeObject): FieldError[] {
  const spec = readObject(lease, 'spec') ?? {};
  const errors: FieldError[] = [];
  const duration = readNumber(spec, 'leaseDurationSeconds');
  if (duration !== undefined && duration <= 0) {
    errors.push(invalid('spec.leaseDurationSeconds', duration, 'must be greater than 0'));
  }
  const transitions = readNumber(spec, 'leaseTransitions');
  if (transitions !== undefined && transitions < 0) {
    errors.push(invalid('spec.leaseTransitions', transitions, 'must be greater than or equal to 0'));
  }
  return errors;
}
