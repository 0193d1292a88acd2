import type { JsonObject } from '../json/value.js';
import type { KubeObject } from '../meta/object.js';
import { readNumber, readObject, readObjects, readString } from '../schema/read.js';
import { selectorOfObject } from '../selectors/label-selector-object.js';
import { SelectorError } from '../selectors/selector-error.js';
import { type Cell, column } from './column.js';

const NONE: JsonObject = {};
/** What kubectl shows where there is nothing. */
export const NOTHING = '<none>';

/** Parts of objects that may be of any schema: a member of another type counts as absent. */
export function nameOf(object: KubeObject): string {
  return object.metadata.name ?? '';
}

export function specOf(object: JsonObject): JsonObject {
  return readObject(object, 'spec') ?? NONE;
}

export function statusOf(object: JsonObject): JsonObject {
  return readObject(object, 'status') ?? NONE;
}

/** A count that is not there is 0, as in Go. */
export function count(object: JsonObject, name: string): number {
  return readNumber(object, name) ?? 0;
}

/** Columns that show what runs in the pods of a template; wide output alone. */
export const TEMPLATE_COLUMNS = [
  column('Containers', 'string', 'Names of the containers of the template.', { priority: 1 }),
  column('Images', 'string', 'Images of the containers of the template.', { priority: 1 }),
];

export const SELECTOR_COLUMN = column('Selector', 'string', 'Labels of the pods that belong to it.', { priority: 1 });

/** The cells of TEMPLATE_COLUMNS; `holder` has the `template`. */
export function templateCells(holder: JsonObject): Cell[] {
  const containers = readObjects(specOf(readObject(holder, 'template') ?? NONE), 'containers');
  return [
    containers.map((container) => readString(container, 'name')).join(','),
    containers.map((container) => readString(container, 'image')).join(','),
  ];
}

/** A LabelSelector as text (`metav1.FormatLabelSelector`). */
export function selectorCell(selector: JsonObject | undefined): string {
  if (selector === undefined) return NOTHING;
  try {
    return selectorOfObject(selector).toString() || NOTHING;
  } catch (error) {
    if (error instanceof SelectorError) return '<error>';
    throw error;
  }
}

/** A plain map of labels as text, sorted (`labels.FormatLabels`). */
export function labelsCell(labels: JsonObject | undefined): string {
  const pairs = Object.entries(labels ?? NONE).map(([key, value]) => `${key}=${String(value)}`);
  return pairs.sort().join(',') || NOTHING;
}
