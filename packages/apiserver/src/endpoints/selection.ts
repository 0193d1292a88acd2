import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import { newBadRequest } from '@kcp/apimachinery/errors/status-error';
import { type FieldSelector, parseFieldSelector } from '@kcp/apimachinery/selectors/field-selector';
import { type LabelSelector, parseLabelSelector } from '@kcp/apimachinery/selectors/label-selector';
import { SelectorError } from '@kcp/apimachinery/selectors/selector-error';
import type { CachedObject, MemoSlot } from '@kcp/storage/cache';
import { newMemoSlot } from '@kcp/storage/watch-cache/memo';
import { parseStored } from '../registry/parse-stored.js';
import type { ResourceType } from '../registry/resource-type.js';

/** Which objects of a list or watch are meant. */
export interface Selection {
  /** True when every object matches. */
  readonly everything: boolean;
  matches(object: CachedObject): boolean;
  /** What to wait for before `matches` is asked about these: fields that only a webhook can tell. */
  prepare(objects: () => readonly CachedObject[]): Promise<void> | undefined;
}

const METADATA_FIELDS = ['metadata.name', 'metadata.namespace'];
const fieldSlots = new WeakMap<ResourceType, MemoSlot<Readonly<Record<string, string>>>>();

/** Parses both selectors. `name` narrows to one object, as a path with a name does. Throws 400. */
export function selectionOf(type: ResourceType, labelText: string, fieldText: string, name = ''): Selection {
  const labels = labelText === '' ? undefined : parsed(() => parseLabelSelector(labelText));
  const fields = fieldText === '' ? undefined : parsed(() => parseFieldSelector(fieldText));
  if (fields) checkFields(type, fields);
  const ownFields = fields?.requirements.some(({ field }) => !METADATA_FIELDS.includes(field)) ?? false;
  return {
    everything: labels === undefined && fields === undefined && name === '',
    matches: (object) =>
      (name === '' || object.key.name === name) &&
      (labels === undefined || labels.matches(object.labels())) &&
      (fields === undefined || fields.matches(fieldsOf(type, object, ownFields))),
    prepare: (objects) => (ownFields ? type.codec.prepare?.(objects()) : undefined),
  };
}

function parsed<T extends LabelSelector | FieldSelector>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SelectorError) throw newBadRequest(error.message);
    throw error;
  }
}

function checkFields(type: ResourceType, selector: FieldSelector): void {
  for (const { field } of selector.requirements) {
    if (isMetadataField(type, field) || type.selectableFields.has(field)) continue;
    throw newBadRequest(unsupportedField(type, field));
  }
}

/** Built-in types that state their fields leave out the namespace where they have none. */
function isMetadataField({ namespaced, origin, selectableFields }: ResourceType, field: string): boolean {
  if (!METADATA_FIELDS.includes(field)) return false;
  return field !== 'metadata.namespace' || namespaced || origin === 'custom' || selectableFields.size === 0;
}

/** Types without fields of their own are worded by another function upstream. */
function unsupportedField(type: ResourceType, field: string): string {
  if (type.selectableFields.size === 0 && type.origin === 'builtin') {
    return `${goQuote(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
  }
  return `field label not supported: ${field}`;
}

function fieldsOf(type: ResourceType, object: CachedObject, own: boolean): Readonly<Record<string, string>> {
  const { name, namespace } = object.key;
  const metadata = { 'metadata.name': name, 'metadata.namespace': namespace };
  if (!own || type.selectableFields.size === 0) return metadata;
  let slot = fieldSlots.get(type);
  if (slot === undefined) {
    slot = newMemoSlot<Readonly<Record<string, string>>>('fields');
    fieldSlots.set(type, slot);
  }
  return object.memo(slot, () => {
    const whole = type.codec.remote === undefined ? object.parse() : parseStored(type.codec.view(object));
    const own = [...type.selectableFields].map(([field, read]) => [field, read(whole)] as const);
    return { ...metadata, ...Object.fromEntries(own) };
  });
}
