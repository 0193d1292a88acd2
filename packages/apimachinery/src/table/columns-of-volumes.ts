import type { JsonObject } from '../json/value.js';
import { readBoolean, readNumber, readObject, readOptionalString, readString, readStrings } from '../schema/read.js';
import { AGE_COLUMN, column, creationAge, NAME_COLUMN, type TableType } from './column.js';
import { count, nameOf, specOf, statusOf } from './workload-cells.js';

const UNSET = '<unset>';
const SHORT_MODES: readonly (readonly [mode: string, short: string])[] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
];
const MODE_COLUMN = column('VolumeMode', 'string', 'Filesystem or Block.', { priority: 1 });

function modes(object: JsonObject): string {
  const has = readStrings(object, 'accessModes');
  return SHORT_MODES.filter(([mode]) => has.includes(mode))
    .map(([, short]) => short)
    .join(',');
}

function storageOf(object: JsonObject): string {
  return readString(readObject(object, 'capacity') ?? {}, 'storage');
}

export const PERSISTENT_VOLUME_TABLE: TableType = {
  columns: [
    NAME_COLUMN,
    column('Capacity', 'string', 'How much fits.'),
    column('Access Modes', 'string', 'How it may be mounted.'),
    column('Reclaim Policy', 'string', 'What becomes of it when it is released.'),
    column('Status', 'string', 'Available, Bound, Released or Failed.'),
    column('Claim', 'string', 'Namespace and name of the claim that has it.'),
    column('StorageClass', 'string', 'The class it belongs to.'),
    column('VolumeAttributesClass', 'string', 'The class of its attributes.'),
    column('Reason', 'string', 'Why it is in its state.'),
    AGE_COLUMN,
    MODE_COLUMN,
  ],
  cells: (volume) => {
    const [spec, status] = [specOf(volume), statusOf(volume)];
    const claim = readObject(spec, 'claimRef');
    return [
      nameOf(volume),
      storageOf(spec),
      modes(spec),
      readString(spec, 'persistentVolumeReclaimPolicy'),
      volume.metadata.deletionTimestamp === undefined ? readString(status, 'phase') : 'Terminating',
      claim === undefined ? '' : `${readString(claim, 'namespace')}/${readString(claim, 'name')}`,
      readString(spec, 'storageClassName'),
      readOptionalString(spec, 'volumeAttributesClassName') ?? UNSET,
      readString(status, 'reason'),
      creationAge(volume),
      readOptionalString(spec, 'volumeMode') ?? UNSET,
    ];
  },
};

export const PERSISTENT_VOLUME_CLAIM_TABLE: TableType = {
  columns: [
    NAME_COLUMN,
    column('Status', 'string', 'Pending, Bound or Lost.'),
    column('Volume', 'string', 'The volume it has got.'),
    column('Capacity', 'string', 'How much fits.'),
    column('Access Modes', 'string', 'How the volume may be mounted.'),
    column('StorageClass', 'string', 'The class it asks for.'),
    column('VolumeAttributesClass', 'string', 'The class of attributes it asks for.'),
    AGE_COLUMN,
    MODE_COLUMN,
  ],
  cells: (claim) => {
    const [spec, status] = [specOf(claim), statusOf(claim)];
    const bound = readString(spec, 'volumeName') !== '';
    return [
      nameOf(claim),
      claim.metadata.deletionTimestamp === undefined ? readString(status, 'phase') : 'Terminating',
      readString(spec, 'volumeName'),
      bound ? storageOf(status) : '',
      bound ? modes(status) : '',
      readString(spec, 'storageClassName'),
      readOptionalString(spec, 'volumeAttributesClassName') ?? UNSET,
      creationAge(claim),
      readOptionalString(spec, 'volumeMode') ?? UNSET,
    ];
  },
};

export const STORAGE_CLASS_TABLE: TableType = {
  columns: [
    NAME_COLUMN,
    column('Provisioner', 'string', 'Who makes volumes of the class.'),
    column('ReclaimPolicy', 'string', 'What becomes of its volumes when they are released.'),
    column('VolumeBindingMode', 'string', 'When claims get their volume.'),
    column('AllowVolumeExpansion', 'string', 'Volumes may grow.'),
    AGE_COLUMN,
  ],
  cells: (storage) => {
    const isDefault = storage.metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true';
    return [
      `${nameOf(storage)}${isDefault ? ' (default)' : ''}`,
      readString(storage, 'provisioner'),
      readOptionalString(storage, 'reclaimPolicy') ?? 'Delete',
      readOptionalString(storage, 'volumeBindingMode') ?? 'Immediate',
      readBoolean(storage, 'allowVolumeExpansion'),
      creationAge(storage),
    ];
  },
};

export const PRIORITY_CLASS_TABLE: TableType = {
  columns: [
    NAME_COLUMN,
    column('Value', 'integer', 'The priority of pods of the class.'),
    column('Global-Default', 'boolean', 'Pods without a class are of this one.'),
    AGE_COLUMN,
    column('PreemptionPolicy', 'string', 'Whether others are pushed aside.'),
  ],
  cells: (priority) => [
    nameOf(priority),
    count(priority, 'value'),
    readBoolean(priority, 'globalDefault'),
    creationAge(priority),
    readString(priority, 'preemptionPolicy'),
  ],
};

export const DISRUPTION_BUDGET_TABLE: TableType = {
  columns: [
    NAME_COLUMN,
    column('Min Available', 'string', 'Pods that must stay.'),
    column('Max Unavailable', 'string', 'Pods that may be missing.'),
    column('Allowed Disruptions', 'integer', 'Pods that may be evicted now.'),
    AGE_COLUMN,
  ],
  cells: (budget) => [
    nameOf(budget),
    intOrText(specOf(budget), 'minAvailable'),
    intOrText(specOf(budget), 'maxUnavailable'),
    count(statusOf(budget), 'disruptionsAllowed'),
    creationAge(budget),
  ],
};

function intOrText(object: JsonObject, name: string): string {
  return readNumber(object, name)?.toString() ?? readOptionalString(object, name) ?? 'N/A';
}

export const AUTOSCALER_TABLE: TableType = {
  columns: [
    NAME_COLUMN,
    column('Reference', 'string', 'What is scaled.'),
    column('MinPods', 'string', 'Fewest pods.'),
    column('MaxPods', 'string', 'Most pods.'),
    column('Replicas', 'string', 'Pods there are.'),
    AGE_COLUMN,
  ],
  cells: (autoscaler) => {
    const spec = specOf(autoscaler);
    const target = readObject(spec, 'scaleTargetRef') ?? {};
    return [
      nameOf(autoscaler),
      `${readString(target, 'kind')}/${readString(target, 'name')}`,
      readNumber(spec, 'minReplicas')?.toString() ?? UNSET,
      count(spec, 'maxReplicas'),
      count(statusOf(autoscaler), 'currentReplicas'),
      creationAge(autoscaler),
    ];
  },
};
