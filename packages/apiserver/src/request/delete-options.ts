import { type FieldError, invalid, notSupported } from '@kcp/apimachinery/errors/field-error';
import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import { newBadRequest } from '@kcp/apimachinery/errors/status-error';
import { getOwn, isObject, type JsonObject, type JsonValue } from '@kcp/apimachinery/json/value';
import { readNumber } from '@kcp/apimachinery/schema/read';
import type { DeletePlan, PropagationPolicy } from '../registry/delete-object.js';
import { refuseFaults } from './options-fault.js';
import type { Query } from './query.js';
import { dryRunFaults } from './write-options.js';

export interface DeleteOptions extends DeletePlan {
  readonly dryRun: boolean;
  /** What the request states, as members of a DeleteOptions object. */
  readonly stated: JsonObject;
}

/** A body, when there is one, counts instead of the query. Throws 400 for a body of another kind, 422 for its faults. */
export function parseDeleteOptions(query: Query, body: JsonValue | undefined): DeleteOptions {
  return body === undefined ? fromQuery(query) : fromBody(body);
}

function fromQuery(query: Query): DeleteOptions {
  const orphan = query.has('orphanDependents') ? query.flag('orphanDependents') : undefined;
  const policy = query.get('propagationPolicy') || undefined;
  const grace = query.get('gracePeriodSeconds');
  if (grace && !/^[+-]?\d+$/.test(grace)) {
    throw newBadRequest(`strconv.ParseInt: parsing ${goQuote(grace)}: invalid syntax`);
  }
  const dryRun = query.getAll('dryRun');
  const stated = {
    ...(policy === undefined ? {} : { propagationPolicy: policy }),
    ...(orphan === undefined ? {} : { orphanDependents: orphan }),
    ...(grace ? { gracePeriodSeconds: Number(grace) } : {}),
    ...(dryRun.length === 0 ? {} : { dryRun: [...dryRun] }),
  };
  return check(policy, orphan, dryRun, {}, stated);
}

function fromBody(body: JsonValue): DeleteOptions {
  if (!isObject(body)) throw newBadRequest('the body of a deletion must be a DeleteOptions object');
  const kind = body.kind ?? 'DeleteOptions';
  if (kind !== 'DeleteOptions') throw newBadRequest('decoded object cannot be converted to DeleteOptions');
  const orphan = body.orphanDependents;
  return check(
    text(body, 'propagationPolicy'),
    typeof orphan === 'boolean' ? orphan : undefined,
    strings(body.dryRun),
    isObject(body.preconditions) ? body.preconditions : {},
    statedIn(body),
  );
}

const STATED = ['gracePeriodSeconds', 'preconditions', 'orphanDependents', 'propagationPolicy', 'dryRun'];

function statedIn(body: JsonObject): JsonObject {
  const stated: JsonObject = {};
  for (const name of STATED) {
    const value = getOwn(body, name);
    if (value !== undefined && value !== null) stated[name] = value;
  }
  return stated;
}

function check(
  policy: string | undefined,
  orphan: boolean | undefined,
  dryRun: readonly string[],
  preconditions: JsonObject,
  stated: JsonObject,
): DeleteOptions {
  const faults: FieldError[] = [];
  if (policy !== undefined && orphan !== undefined) {
    faults.push(invalid('propagationPolicy', policy, 'orphanDependents and deletionPropagation cannot be both set'));
  }
  if (policy !== undefined && asPolicy(policy) === undefined) {
    faults.push(notSupported('propagationPolicy', policy, ['Foreground', 'Background', 'Orphan', 'nil']));
  }
  refuseFaults('DeleteOptions', [...faults, ...dryRunFaults(dryRun)]);
  return {
    dryRun: dryRun.length > 0,
    propagationPolicy: policy === undefined ? policyOfOrphan(orphan) : asPolicy(policy),
    uid: text(preconditions, 'uid'),
    resourceVersion: text(preconditions, 'resourceVersion'),
    gracePeriodSeconds: readNumber(stated, 'gracePeriodSeconds'),
    stated,
  };
}

function policyOfOrphan(orphan: boolean | undefined): PropagationPolicy | undefined {
  return orphan === undefined ? undefined : orphan ? 'Orphan' : 'Background';
}

function asPolicy(text: string): PropagationPolicy | undefined {
  return text === 'Orphan' || text === 'Background' || text === 'Foreground' ? text : undefined;
}

function text(object: JsonObject, key: string): string | undefined {
  const value = getOwn(object, key);
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string')
    throw newBadRequest(
      `json: cannot unmarshal ${typeof value} into Go struct field DeleteOptions.${key} of type string`,
    );
  return value;
}

function strings(value: JsonValue | undefined): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
    throw newBadRequest('json: cannot unmarshal into Go struct field DeleteOptions.dryRun of type []string');
  }
  return value;
}
