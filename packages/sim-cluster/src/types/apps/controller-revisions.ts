import { type FieldError, invalid, required } from '@kcp/apimachinery/errors/field-error';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readNumber } from '@kcp/apimachinery/schema/read';
import { validateImmutable } from '@kcp/apimachinery/validation/object-meta';
import { builtinStrategy } from '@kcp/apiserver/builtins/builtin-strategy';
import { builtinType } from '@kcp/apiserver/builtins/builtin-type';
import { NOT_NEGATIVE } from '../numbers.js';
import { appsV1 } from '../workload-type.js';

export const CONTROLLER_REVISIONS = builtinType({
  gvk: appsV1('ControllerRevision'),
  plural: 'controllerrevisions',
  namespaced: true,
  strategy: builtinStrategy({
    validateCreate: errors,
    validateUpdate: (object, old) => [...errors(object), ...validateImmutable(object.data, old.data, 'data')],
  }),
});

function errors(object: KubeObject): FieldError[] {
  const revision = readNumber(object, 'revision') ?? 0;
  return [
    ...(object.data === undefined || object.data === null ? [required('data', 'data is mandatory')] : []),
    ...(revision < 0 ? [invalid('revision', revision, NOT_NEGATIVE)] : []),
  ];
}
