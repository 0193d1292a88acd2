import { goQuote } from '../errors/go-quote.js';
import { deepEqual, getOwn, type JsonObject, setOwn } from '../json/value.js';
import { readObject, readObjects, readString, readStrings } from '../schema/read.js';

/** A condition of a CustomResourceDefinition without its time. */
export interface CrdCondition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

export interface AcceptedNames {
  /** `status.acceptedNames` to be. */
  readonly names: JsonObject;
  readonly namesAccepted: CrdCondition;
  /** True only when it was so before, or when all names are accepted: serving may begin. */
  readonly established: CrdCondition;
}

/**
 * Decides which names of a definition are accepted, given all others: a name is free unless another definition of the
 * same group has it accepted. Names once accepted stay so. Reasons and messages as upstream's naming controller.
 */
export function acceptNames(crd: JsonObject, others: Iterable<JsonObject>): AcceptedNames {
  const spec = readObject(crd, 'spec') ?? {};
  const requested = readObject(spec, 'names') ?? {};
  const accepted = acceptedNamesOf(crd);
  const taken = takenNames(readString(spec, 'group'), readString(readObject(crd, 'metadata') ?? {}, 'name'), others);
  const names: JsonObject = {};
  let conflict: { reason: string; message: string } | undefined;
  const refuse = (reason: string, messages: readonly string[]): void => {
    conflict = { reason, message: messages.length === 1 ? (messages[0] ?? '') : `[${messages.join(', ')}]` };
  };
  const settle = (field: string, reason: string, used: ReadonlySet<string>): void => {
    const wanted = readString(requested, field);
    const had = readString(accepted, field);
    const free = wanted === had || !used.has(wanted);
    if (!free) refuse(reason, [inUse(wanted)]);
    const name = free ? wanted : had;
    if (name !== '' || field === 'plural' || field === 'kind') setOwn(names, field, name);
  };
  settle('plural', 'PluralConflict', taken.resources);
  settle('singular', 'SingularConflict', taken.resources);
  const short = shortNames(requested, accepted, taken.resources);
  if (short.refused.length > 0) refuse('ShortNamesConflict', short.refused.map(inUse));
  if (short.names.length > 0) names.shortNames = short.names;
  settle('kind', 'KindConflict', taken.kinds);
  settle('listKind', 'ListKindConflict', taken.kinds);
  const categories = readStrings(requested, 'categories');
  if (categories.length > 0) names.categories = categories;
  const namesAccepted = namesAcceptedCondition(conflict);
  return { names, namesAccepted, established: establishedCondition(crd, namesAccepted.status === 'True') };
}

/** Whether nothing has to be decided: the accepted names are the requested ones. */
export function namesAreSettled(crd: JsonObject): boolean {
  const requested = readObject(readObject(crd, 'spec') ?? {}, 'names') ?? {};
  return deepEqual(requested, acceptedNamesOf(crd));
}

function namesAcceptedCondition(conflict: { reason: string; message: string } | undefined): CrdCondition {
  if (conflict !== undefined) return { type: 'NamesAccepted', status: 'False', ...conflict };
  return { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' };
}

function establishedCondition(crd: JsonObject, namesAccepted: boolean): CrdCondition {
  const type = 'Established';
  const old = conditionOf(crd, type);
  const was = old === undefined ? undefined : getOwn(old, 'status');
  if (was === 'True' || namesAccepted) {
    const reason = was === 'True' && old !== undefined ? readString(old, 'reason') : 'InitialNamesAccepted';
    const message =
      was === 'True' && old !== undefined ? readString(old, 'message') : 'the initial names have been accepted';
    return { type, status: 'True', reason, message };
  }
  return { type, status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' };
}

/** The condition of that type in `status.conditions`. */
export function conditionOf(crd: JsonObject, type: string): JsonObject | undefined {
  const status = readObject(crd, 'status') ?? {};
  return readObjects(status, 'conditions').find((condition) => readString(condition, 'type') === type);
}

function shortNames(
  requested: JsonObject,
  accepted: JsonObject,
  used: ReadonlySet<string>,
): { readonly names: string[]; readonly refused: string[] } {
  const had = readStrings(accepted, 'shortNames');
  const wanted = readStrings(requested, 'shortNames');
  const refused = wanted.filter((name) => !had.includes(name) && used.has(name));
  return { names: refused.length > 0 ? had : wanted, refused };
}

function takenNames(
  group: string,
  ownName: string,
  others: Iterable<JsonObject>,
): { resources: Set<string>; kinds: Set<string> } {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  for (const other of others) {
    if (readString(readObject(other, 'spec') ?? {}, 'group') !== group) continue;
    if (readString(readObject(other, 'metadata') ?? {}, 'name') === ownName) continue;
    const names = acceptedNamesOf(other);
    for (const name of [
      readString(names, 'plural'),
      readString(names, 'singular'),
      ...readStrings(names, 'shortNames'),
    ]) {
      if (name !== '') resources.add(name);
    }
    for (const name of [readString(names, 'kind'), readString(names, 'listKind')]) if (name !== '') kinds.add(name);
  }
  return { resources, kinds };
}

function acceptedNamesOf(crd: JsonObject): JsonObject {
  return readObject(readObject(crd, 'status') ?? {}, 'acceptedNames') ?? {};
}

function inUse(name: string): string {
  return `${goQuote(name)} is already in use`;
}
