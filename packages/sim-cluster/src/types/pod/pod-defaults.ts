import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readBoolean, readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import { roundAmounts } from '@kcp/apiserver/builtins/core/amounts';
import { setDefault } from '../set-default.js';
import { volumeDefaults } from './volume-defaults.js';

const GRACE_SECONDS = 30;

/** Upstream's `SetObjectDefaults` for what is under `template`. */
export function templateDefaults(holder: JsonObject): void {
  const spec = readObject(readObject(holder, 'template') ?? {}, 'spec');
  if (spec !== undefined) podSpecDefaults(spec);
}

/** Fills the defaults of a PodSpec in place. */
export function podSpecDefaults(spec: JsonObject): void {
  mirrorServiceAccount(spec);
  setDefault(spec, 'dnsPolicy', 'ClusterFirst');
  setDefault(spec, 'restartPolicy', 'Always');
  setDefault(spec, 'schedulerName', 'default-scheduler');
  setDefault(spec, 'terminationGracePeriodSeconds', GRACE_SECONDS);
  spec.securityContext ??= {};
  for (const volume of readObjects(spec, 'volumes')) volumeDefaults(volume);
  const onHost = readBoolean(spec, 'hostNetwork');
  for (const list of ['initContainers', 'containers', 'ephemeralContainers']) {
    for (const container of readObjects(spec, list)) containerDefaults(container, onHost);
  }
}

/** The old name of the field and the new one say the same. */
function mirrorServiceAccount(spec: JsonObject): void {
  const name = readString(spec, 'serviceAccountName') || readString(spec, 'serviceAccount');
  if (name === '') return;
  spec.serviceAccountName = name;
  spec.serviceAccount = name;
}

function containerDefaults(container: JsonObject, onHost: boolean): void {
  setDefault(container, 'imagePullPolicy', pullPolicy(readString(container, 'image')));
  setDefault(container, 'terminationMessagePath', '/dev/termination-log');
  setDefault(container, 'terminationMessagePolicy', 'File');
  for (const port of readObjects(container, 'ports')) {
    setDefault(port, 'protocol', 'TCP');
    if (onHost) setDefault(port, 'hostPort', port.containerPort ?? 0);
  }
  for (const variable of readObjects(container, 'env')) {
    const field = readObject(readObject(variable, 'valueFrom') ?? {}, 'fieldRef');
    if (field !== undefined) setDefault(field, 'apiVersion', 'v1');
  }
  const resources = readObject(container, 'resources');
  if (resources !== undefined) for (const name of ['limits', 'requests']) roundAmounts(resources, name);
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    const probe = readObject(container, name);
    if (probe !== undefined) probeDefaults(probe);
  }
  const lifecycle = readObject(container, 'lifecycle') ?? {};
  for (const name of ['postStart', 'preStop']) httpDefaults(readObject(lifecycle, name) ?? {});
}

/** An image without a tag, or with `latest`, is always pulled. */
function pullPolicy(image: string): string {
  const name = image.slice(image.lastIndexOf('/') + 1);
  if (name.includes('@')) return 'IfNotPresent';
  const [, tag] = name.split(':');
  return tag === undefined || tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function probeDefaults(probe: JsonObject): void {
  setDefault(probe, 'timeoutSeconds', 1);
  setDefault(probe, 'periodSeconds', 10);
  setDefault(probe, 'successThreshold', 1);
  setDefault(probe, 'failureThreshold', 3);
  httpDefaults(probe);
  const grpc = readObject(probe, 'grpc');
  if (grpc !== undefined) grpc.service ??= '';
}

function httpDefaults(handler: JsonObject): void {
  const http = readObject(handler, 'httpGet');
  if (http === undefined) return;
  setDefault(http, 'path', '/');
  setDefault(http, 'scheme', 'HTTP');
}
