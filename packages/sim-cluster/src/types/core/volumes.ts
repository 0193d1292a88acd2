import { type FieldError, notSupported, required } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readObject, readStrings } from '@kcp/apimachinery/schema/read';
import { indexPath } from '@kcp/apimachinery/validation/field-path';
import { coreV1 } from '@kcp/apiserver/builtins/core/core-group';
import { networkDiskDefaults } from '../pod/volume-defaults.js';
import { setDefault } from '../set-default.js';
import { specOf, workloadType } from '../workload-type.js';

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

export const PERSISTENT_VOLUMES = workloadType({
  gvk: coreV1('PersistentVolume'),
  plural: 'persistentvolumes',
  shortNames: ['pv'],
  namespaced: false,
  defaults: (volume) => {
    const spec = specOf(volume);
    setDefault(spec, 'persistentVolumeReclaimPolicy', 'Retain');
    setDefault(spec, 'volumeMode', 'Filesystem');
    networkDiskDefaults(spec);
  },
  strategy: {
    generation: 'none',
    deleteReturnsObject: true,
    prepareForCreate: (volume) => {
      volume.status = { phase: 'Available' };
    },
    validateCreate: (volume) => [
      ...accessModeErrors(specOf(volume)),
      ...(readObject(specOf(volume), 'capacity') === undefined ? [required('spec.capacity')] : []),
    ],
  },
});

export const PERSISTENT_VOLUME_CLAIMS = workloadType({
  gvk: coreV1('PersistentVolumeClaim'),
  plural: 'persistentvolumeclaims',
  shortNames: ['pvc'],
  namespaced: true,
  defaults: (claim) => setDefault(specOf(claim), 'volumeMode', 'Filesystem'),
  strategy: {
    generation: 'none',
    deleteReturnsObject: true,
    prepareForCreate: (claim) => {
      claim.status = { phase: 'Pending' };
    },
    validateCreate: (claim) => [...accessModeErrors(specOf(claim)), ...requestErrors(specOf(claim))],
  },
});

function accessModeErrors(spec: JsonObject): FieldError[] {
  const modes = readStrings(spec, 'accessModes');
  if (modes.length === 0) return [required('spec.accessModes', 'at least 1 access mode is required')];
  return modes.flatMap((mode, index) =>
    ACCESS_MODES.includes(mode) ? [] : [notSupported(indexPath('spec.accessModes', index), mode, ACCESS_MODES)],
  );
}

function requestErrors(spec: JsonObject): FieldError[] {
  const requests = readObject(readObject(spec, 'resources') ?? {}, 'requests') ?? {};
  return requests.storage === undefined ? [required('spec.resources[storage]')] : [];
}
