import {
  duplicate,
  type FieldError,
  invalid,
  notFoundValue,
  notSupported,
  required,
} from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readBoolean, readNumber, readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import { childPath, indexPath } from '@kcp/apimachinery/validation/field-path';
import { dns1123Label } from '@kcp/apimachinery/validation/names';
import { NOT_NEGATIVE } from '../numbers.js';
import { portNameErrors, portNumberErrors } from '../ports.js';
import { resourcesErrors } from './validate-resources.js';

const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const MESSAGE_POLICIES = ['FallbackToLogsOnError', 'File'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const ENV_NAME = /^[ -<>-~]+$/;
const ENV_NAME_TEXT =
  "a valid environment variable name must consist only of printable ASCII characters other than '=' (e.g. 'my_env', or 'MY.ENV', or 'my-env', regex used for validation is '^[ -<>-~]+$')";

/** Faults of the containers of a pod (upstream's `validateContainers` and `validateInitContainers`). */
export function containersErrors(spec: JsonObject, field: string): FieldError[] {
  const path = childPath(field, 'containers');
  const containers = readObjects(spec, 'containers');
  const volumes = new Set(readObjects(spec, 'volumes').map((volume) => readString(volume, 'name')));
  const names = new Set<string>();
  const all = (list: string): FieldError[] =>
    readObjects(spec, list).flatMap((container, index) => {
      const at = indexPath(childPath(field, list), index);
      return [...nameErrors(container, names, at), ...containerErrors(container, volumes, at)];
    });
  return [...(containers.length === 0 ? [required(path)] : []), ...all('containers'), ...all('initContainers')];
}

function nameErrors(container: JsonObject, seen: Set<string>, field: string): FieldError[] {
  const path = childPath(field, 'name');
  const name = readString(container, 'name');
  if (name === '') return [required(path)];
  if (seen.has(name)) return [duplicate(path, name)];
  seen.add(name);
  return dns1123Label(name).map((text) => invalid(path, name, text));
}

function containerErrors(container: JsonObject, volumes: ReadonlySet<string>, field: string): FieldError[] {
  return [
    ...imageErrors(container, field),
    ...choiceErrors(container, 'terminationMessagePolicy', MESSAGE_POLICIES, field),
    ...probesErrors(container, field),
    ...containerPortsErrors(container, field),
    ...envErrors(container, field),
    ...mountErrors(container, volumes, field),
    ...choiceErrors(container, 'imagePullPolicy', PULL_POLICIES, field),
    ...resourcesErrors(readObject(container, 'resources') ?? {}, childPath(field, 'resources')),
  ];
}

function imageErrors(container: JsonObject, field: string): FieldError[] {
  const image = readString(container, 'image');
  const path = childPath(field, 'image');
  if (image === '') return [required(path)];
  return image === image.trim() ? [] : [invalid(path, image, 'must not have leading or trailing whitespace')];
}

/** A member that is one of a few words, or required. */
export function choiceErrors(
  object: JsonObject,
  name: string,
  choices: readonly string[],
  field: string,
): FieldError[] {
  const value = readString(object, name);
  if (value === '') return [required(childPath(field, name))];
  return choices.includes(value) ? [] : [notSupported(childPath(field, name), value, choices)];
}

function containerPortsErrors(container: JsonObject, field: string): FieldError[] {
  const names = new Set<string>();
  return readObjects(container, 'ports').flatMap((port, index) => {
    const at = indexPath(childPath(field, 'ports'), index);
    const errors: FieldError[] = [];
    const name = readString(port, 'name');
    if (name !== '') {
      errors.push(...portNameErrors(name, childPath(at, 'name')));
      if (names.has(name)) errors.push(duplicate(childPath(at, 'name'), name));
      names.add(name);
    }
    const number = readNumber(port, 'containerPort') ?? 0;
    if (number === 0) errors.push(required(childPath(at, 'containerPort')));
    else errors.push(...portNumberErrors(number, childPath(at, 'containerPort')));
    const host = readNumber(port, 'hostPort') ?? 0;
    if (host !== 0) errors.push(...portNumberErrors(host, childPath(at, 'hostPort')));
    return [...errors, ...choiceErrors(port, 'protocol', PROTOCOLS, at)];
  });
}

function envErrors(container: JsonObject, field: string): FieldError[] {
  return readObjects(container, 'env').flatMap((variable, index) => {
    const at = indexPath(childPath(field, 'env'), index);
    const name = readString(variable, 'name');
    if (name === '') return [required(childPath(at, 'name'))];
    const errors = ENV_NAME.test(name) ? [] : [invalid(childPath(at, 'name'), name, ENV_NAME_TEXT)];
    const source = readObject(variable, 'valueFrom');
    if (source === undefined) return errors;
    const path = childPath(at, 'valueFrom');
    if (Object.keys(source).length === 0) {
      const text = 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`';
      errors.push(invalid(path, '', text));
    } else if (readString(variable, 'value') !== '') {
      errors.push(invalid(path, '', 'may not be specified when `value` is not empty'));
    }
    return errors;
  });
}

function mountErrors(container: JsonObject, volumes: ReadonlySet<string>, field: string): FieldError[] {
  const paths = new Set<string>();
  return readObjects(container, 'volumeMounts').flatMap((mount, index) => {
    const at = indexPath(childPath(field, 'volumeMounts'), index);
    const errors: FieldError[] = [];
    const [name, path] = [readString(mount, 'name'), readString(mount, 'mountPath')];
    if (name === '') errors.push(required(childPath(at, 'name')));
    if (!volumes.has(name)) errors.push(notFoundValue(childPath(at, 'name'), name));
    if (path === '') errors.push(required(childPath(at, 'mountPath')));
    if (paths.has(path)) errors.push(invalid(childPath(at, 'mountPath'), path, 'must be unique'));
    paths.add(path);
    return errors;
  });
}

const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc'];
const PROBE_NUMBERS = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
];

function probesErrors(container: JsonObject, field: string): FieldError[] {
  return ['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((name) => {
    const probe = readObject(container, name);
    return probe === undefined ? [] : probeErrors(probe, childPath(field, name), name !== 'readinessProbe');
  });
}

function probeErrors(probe: JsonObject, field: string, onceOnly: boolean): FieldError[] {
  const handlers = HANDLERS.filter((name) => readObject(probe, name) !== undefined);
  const errors = handlers.length === 0 ? [required(field, 'must specify a handler type')] : [];
  for (const name of PROBE_NUMBERS) {
    const value = readNumber(probe, name) ?? 0;
    if (value < 0) errors.push(invalid(childPath(field, name), value, NOT_NEGATIVE));
  }
  const successes = readNumber(probe, 'successThreshold') ?? 1;
  if (onceOnly && successes !== 1) errors.push(invalid(childPath(field, 'successThreshold'), successes, 'must be 1'));
  return errors;
}

/** Privileges are for pods of the host. */
export function isPrivileged(container: JsonObject): boolean {
  return readBoolean(readObject(container, 'securityContext') ?? {}, 'privileged');
}
