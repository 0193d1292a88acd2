import { labelRequirement } from '@kcp/apimachinery/selectors/label-requirement';
import { LabelSelector } from '@kcp/apimachinery/selectors/label-selector';
import { texts } from '../pod-facts.js';
import { REPLICA_SETS, REPLICATION_CONTROLLERS } from '../resources.js';
import { type ReplicaKind, selectorOfSpec } from './replica-set-controller.js';

export const REPLICA_SET_KIND: ReplicaKind = {
  resource: REPLICA_SETS,
  kind: 'ReplicaSet',
  component: 'replicaset-controller',
  selectorOf: selectorOfSpec,
};

export const REPLICATION_CONTROLLER_KIND: ReplicaKind = {
  resource: REPLICATION_CONTROLLERS,
  kind: 'ReplicationController',
  component: 'replication-controller',
  selectorOf: (spec) =>
    new LabelSelector(
      Object.entries(texts(spec, 'selector')).map(([key, value]) => labelRequirement(key, '=', [value])),
    ),
};
