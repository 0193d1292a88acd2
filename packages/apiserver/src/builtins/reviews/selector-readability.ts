import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readObject, readObjects, readString, readStrings } from '@kcp/apimachinery/schema/read';
import { parseFieldSelector } from '@kcp/apimachinery/selectors/field-selector';
import { parseLabelSelector } from '@kcp/apimachinery/selectors/label-selector';
import { selectorOfObject } from '@kcp/apimachinery/selectors/label-selector-object';
import { SelectorError } from '@kcp/apimachinery/selectors/selector-error';

/**
 * Which of the selectors of resourceAttributes could not be read, as upstream says it in `status.evaluationError`. What
 * is not understood is left out, which makes the question broader and so never allows too much.
 */
export function unreadableSelectors(spec: JsonObject): string[] {
  const resource = readObject(spec, 'resourceAttributes') ?? {};
  return [
    ...sentence(resource, 'fieldSelector', (text) => parseFieldSelector(text), readableField),
    ...sentence(resource, 'labelSelector', (text) => parseLabelSelector(text), readableLabel),
  ];
}

function sentence(
  resource: JsonObject,
  name: string,
  parse: (text: string) => unknown,
  readable: (requirement: JsonObject) => boolean,
): string[] {
  const selector = readObject(resource, name);
  if (selector === undefined) return [];
  const requirements = readObjects(selector, 'requirements');
  const good = requirements.filter(readable).length;
  const broken = good < requirements.length || !succeeds(() => parse(readString(selector, 'rawSelector')));
  if (!broken) return [];
  return [`spec.resourceAttributes.${name} ${good > 0 ? 'partially ignored' : 'ignored'} due to parse error`];
}

/** Field selectors know equality only. */
function readableField(requirement: JsonObject): boolean {
  return (
    ['In', 'NotIn'].includes(readString(requirement, 'operator')) && readStrings(requirement, 'values').length === 1
  );
}

function readableLabel(requirement: JsonObject): boolean {
  return succeeds(() => selectorOfObject({ matchExpressions: [requirement] }));
}

function succeeds(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    if (error instanceof SelectorError) return false;
    throw error;
  }
}
