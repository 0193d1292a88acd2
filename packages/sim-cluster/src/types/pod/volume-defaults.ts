import type { JsonObject, JsonValue } from '@kcp/apimachinery/json/value';
import { readObject, readObjects } from '@kcp/apimachinery/schema/read';
import { setDefault } from '../set-default.js';

/** Mode 0644 of files. */
const FILE_MODE = 0o644;
const TOKEN_SECONDS = 3_600;

/** Fills the defaults of one volume of a pod in place (upstream's `SetDefaults_Volume` and those of its sources). */
export function volumeDefaults(volume: JsonObject): void {
  if (Object.keys(volume).every((key) => key === 'name')) volume.emptyDir = {};
  for (const kind of ['secret', 'configMap', 'downwardAPI', 'projected']) {
    const source = readObject(volume, kind);
    if (source !== undefined) setDefault(source, 'defaultMode', FILE_MODE);
  }
  const host = readObject(volume, 'hostPath');
  if (host !== undefined) host.type ??= '';
  downwardDefaults(readObject(volume, 'downwardAPI') ?? {});
  for (const source of readObjects(readObject(volume, 'projected') ?? {}, 'sources')) {
    const token = readObject(source, 'serviceAccountToken');
    if (token !== undefined) setDefault(token, 'expirationSeconds', TOKEN_SECONDS);
    downwardDefaults(readObject(source, 'downwardAPI') ?? {});
  }
  const claim = readObject(readObject(readObject(volume, 'ephemeral') ?? {}, 'volumeClaimTemplate') ?? {}, 'spec');
  if (claim !== undefined) setDefault(claim, 'volumeMode', 'Filesystem');
  networkDiskDefaults(volume);
}

function downwardDefaults(source: JsonObject): void {
  for (const item of readObjects(source, 'items')) {
    const field = readObject(item, 'fieldRef');
    if (field !== undefined) setDefault(field, 'apiVersion', 'v1');
  }
}

/** Sources of old kinds of disks, with the defaults they have always had. */
const DISKS: Readonly<Record<string, Readonly<Record<string, JsonValue>>>> = {
  iscsi: { iscsiInterface: 'default' },
  rbd: { pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' },
  azureDisk: { cachingMode: 'ReadWrite', kind: 'Shared', fsType: 'ext4', readOnly: false },
  scaleIO: { storageMode: 'ThinProvisioned', fsType: 'xfs' },
};

export function networkDiskDefaults(holder: JsonObject): void {
  for (const [kind, defaults] of Object.entries(DISKS)) {
    const source = readObject(holder, kind);
    if (source === undefined) continue;
    for (const [name, value] of Object.entries(defaults)) setDefault(source, name, value);
  }
}
