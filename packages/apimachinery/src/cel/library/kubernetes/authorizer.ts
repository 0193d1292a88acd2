import { nameIsDnsLabel, nameIsDnsSubdomain } from '../../../validation/names.js';
import { type CelLibrary, declare, type FunctionDecl } from '../../check/declarations.js';
import { typeNamed } from '../../types/signature.js';
import { CelError, NO_SUCH_OVERLOAD } from '../../values/cel-error.js';
import { CelOpaque, type CelValue } from '../../values/value.js';

/** What an expression asks the authorizer. Empty texts mean that nothing was said. */
export interface AuthorizationQuestion {
  readonly verb: string;
  /** Of another user than the one who made the request. */
  readonly serviceAccount: { readonly namespace: string; readonly name: string } | undefined;
  /** Set for a non-resource path. */
  readonly path: string | undefined;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly fieldSelector: string;
  readonly labelSelector: string;
}

export interface AuthorizationAnswer {
  readonly allowed: boolean;
  readonly reason: string;
  /** Why no decision could be made. */
  readonly error?: string;
}

/** Decides at once, without waiting; who may wait answers from what was loaded beforehand. */
export type Authorize = (question: AuthorizationQuestion) => AuthorizationAnswer;

const BLANK: AuthorizationQuestion = {
  verb: '',
  serviceAccount: undefined,
  path: undefined,
  group: '',
  resource: '',
  subresource: '',
  namespace: '',
  name: '',
  fieldSelector: '',
  labelSelector: '',
};

type Stage = 'Authorizer' | 'PathCheck' | 'GroupCheck' | 'ResourceCheck';

/** A question that is being put together; the stage decides what can be said next. */
class CheckValue extends CelOpaque {
  readonly stage: Stage;
  readonly question: AuthorizationQuestion;
  readonly authorize: Authorize;

  constructor(stage: Stage, question: AuthorizationQuestion, authorize: Authorize) {
    super();
    this.stage = stage;
    this.question = question;
    this.authorize = authorize;
  }

  get typeName(): string {
    return `kubernetes.authorization.${this.stage}`;
  }

  equals(other: CelValue): boolean {
    return this === other;
  }

  with(stage: Stage, more: Partial<AuthorizationQuestion>): CheckValue {
    return new CheckValue(stage, { ...this.question, ...more }, this.authorize);
  }
}

class DecisionValue extends CelOpaque {
  readonly typeName = 'kubernetes.authorization.Decision';
  readonly answer: AuthorizationAnswer;

  constructor(answer: AuthorizationAnswer) {
    super();
    this.answer = answer;
  }

  equals(other: CelValue): boolean {
    return this === other;
  }
}

/** The value of the variable `authorizer`. */
export function authorizerValue(authorize: Authorize): CelValue {
  return new CheckValue('Authorizer', BLANK, authorize);
}

/** The value of `authorizer.requestResource`: a check of the resource that the request is for. */
export function requestResourceValue(authorize: Authorize, resource: Partial<AuthorizationQuestion>): CelValue {
  return new CheckValue('ResourceCheck', { ...BLANK, ...resource }, authorize);
}

export const AUTHORIZER_TYPE = typeNamed('kubernetes.authorization.Authorizer');
export const RESOURCE_CHECK_TYPE = typeNamed('kubernetes.authorization.ResourceCheck');

const PREFIX = 'kubernetes.authorization';

/** A method that says one more thing. */
function says(
  name: string,
  id: string,
  from: Stage,
  to: Stage,
  more: (text: string) => Partial<AuthorizationQuestion> | CelError,
): FunctionDecl {
  return declare(name, [
    id,
    `.${PREFIX}.${from}, string -> ${PREFIX}.${to}`,
    (check, text) => {
      if (!(check instanceof CheckValue) || typeof text !== 'string') return NO_SUCH_OVERLOAD;
      const part = more(text);
      return part instanceof CelError ? part : check.with(to, part);
    },
  ]);
}

function notEmpty(name: 'path' | 'resource'): (text: string) => Partial<AuthorizationQuestion> | CelError {
  return (text) => (text.trim() === '' ? new CelError(`${name} must not be empty`) : { [name]: text });
}

function serviceAccount(check: CelValue, namespace: CelValue, name: CelValue): CelValue {
  if (!(check instanceof CheckValue) || typeof namespace !== 'string' || typeof name !== 'string') {
    return NO_SUCH_OVERLOAD;
  }
  if (nameIsDnsSubdomain(name, false).length > 0) return new CelError('Invalid service account name');
  if (nameIsDnsLabel(namespace, false).length > 0) return new CelError('Invalid service account namespace');
  return check.with('Authorizer', { serviceAccount: { namespace, name } });
}

function ask(check: CelValue, verb: CelValue): CelValue {
  if (!(check instanceof CheckValue) || typeof verb !== 'string') return NO_SUCH_OVERLOAD;
  return new DecisionValue(check.authorize({ ...check.question, verb }));
}

function decision(
  name: string,
  id: string,
  result: string,
  read: (answer: AuthorizationAnswer) => CelValue,
): FunctionDecl {
  return declare(name, [
    id,
    `.${PREFIX}.Decision -> ${result}`,
    (value) => (value instanceof DecisionValue ? read(value.answer) : NO_SUCH_OVERLOAD),
  ]);
}

/** Kubernetes' authorizer: `authorizer.group('apps').resource('deployments').check('create').allowed()`. */
export const AUTHORIZER_FUNCTIONS: CelLibrary = {
  functions: [
    says('path', 'authorizer_path', 'Authorizer', 'PathCheck', notEmpty('path')),
    says('group', 'authorizer_group', 'Authorizer', 'GroupCheck', (group) => ({ group })),
    declare('serviceAccount', [
      'authorizer_serviceaccount',
      `.${PREFIX}.Authorizer, string, string -> ${PREFIX}.Authorizer`,
      serviceAccount,
    ]),
    says('resource', 'groupcheck_resource', 'GroupCheck', 'ResourceCheck', notEmpty('resource')),
    says('subresource', 'resourcecheck_subresource', 'ResourceCheck', 'ResourceCheck', (subresource) => ({
      subresource,
    })),
    says('namespace', 'resourcecheck_namespace', 'ResourceCheck', 'ResourceCheck', (namespace) => ({ namespace })),
    says('name', 'resourcecheck_name', 'ResourceCheck', 'ResourceCheck', (name) => ({ name })),
    says('fieldSelector', 'authorizer_fieldselector', 'ResourceCheck', 'ResourceCheck', (fieldSelector) => ({
      fieldSelector,
    })),
    says('labelSelector', 'authorizer_labelselector', 'ResourceCheck', 'ResourceCheck', (labelSelector) => ({
      labelSelector,
    })),
    declare(
      'check',
      ['pathcheck_check', `.${PREFIX}.PathCheck, string -> ${PREFIX}.Decision`, ask],
      ['resourcecheck_check', `.${PREFIX}.ResourceCheck, string -> ${PREFIX}.Decision`, ask],
    ),
    decision('errored', 'decision_errored', 'bool', ({ error }) => error !== undefined),
    decision('error', 'decision_error', 'string', ({ error }) => error ?? ''),
    decision('allowed', 'decision_allowed', 'bool', ({ allowed }) => allowed),
    decision('reason', 'decision_reason', 'string', ({ reason }) => reason),
  ],
};
