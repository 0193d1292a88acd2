/** How far ahead a group stands among groups, and a version among those of its group. */
export interface Priority {
  readonly group: number;
  readonly version: number;
}

/** Upstream's priorities of the groups that it serves itself. */
const BUILTIN: ReadonlyMap<string, Priority> = new Map([
  ['/v1', { group: 18000, version: 1 }],
  ['events.k8s.io/v1', { group: 17750, version: 15 }],
  ['authentication.k8s.io/v1', { group: 17700, version: 15 }],
  ['authorization.k8s.io/v1', { group: 17600, version: 15 }],
  ['certificates.k8s.io/v1', { group: 17300, version: 15 }],
  ['rbac.authorization.k8s.io/v1', { group: 17000, version: 15 }],
  ['apiextensions.k8s.io/v1', { group: 16700, version: 15 }],
  ['apiextensions.k8s.io/v1beta1', { group: 16700, version: 9 }],
  ['admissionregistration.k8s.io/v1', { group: 16700, version: 15 }],
  ['coordination.k8s.io/v1', { group: 16500, version: 15 }],
]);

/** Definitions come after all that is built in; among versions of a group their names decide. */
export const CUSTOM_PRIORITY: Priority = { group: 1000, version: 100 };

/** The priority of a group version that is built in; one that is not upstream's stands behind those that are. */
export function priorityOf(group: string, version: string): Priority {
  return BUILTIN.get(`${group}/${version}`) ?? { group: 16000, version: 9 };
}
