import { getOwn, isObject, type JsonObject, type JsonValue } from '../json/value.js';
import type { KubeObject } from '../meta/object.js';
import { readNumber, readObject, readObjects, readString } from '../schema/read.js';
import { AGE_COLUMN, ageOf, type Cell, column, creationAge, NAME_COLUMN, type TableType } from './column.js';

const NONE: JsonObject = {};

function nameOf(object: KubeObject): string {
  return object.metadata.name ?? '';
}

function size(value: JsonValue | undefined): number {
  return isObject(value) ? Object.keys(value).length : 0;
}

export const CONFIG_MAP_TABLE: TableType = {
  columns: [NAME_COLUMN, column('Data', 'string', 'Number of entries, text and binary.'), AGE_COLUMN],
  cells: (object) => [
    nameOf(object),
    size(getOwn(object, 'data')) + size(getOwn(object, 'binaryData')),
    creationAge(object),
  ],
};

export const SECRET_TABLE: TableType = {
  columns: [
    NAME_COLUMN,
    column('Type', 'string', 'What the secret is for; decides which entries it must have.'),
    column('Data', 'string', 'Number of entries.'),
    AGE_COLUMN,
  ],
  cells: (object) => [nameOf(object), readString(object, 'type'), size(getOwn(object, 'data')), creationAge(object)],
};

export const NAMESPACE_TABLE: TableType = {
  columns: [NAME_COLUMN, column('Status', 'string', 'Active, or Terminating once it is being deleted.'), AGE_COLUMN],
  cells: (object) => [nameOf(object), readString(readObject(object, 'status') ?? NONE, 'phase'), creationAge(object)],
};

/** Name and Age: service accounts, and other types that have nothing else to show. */
export const NAME_AND_AGE_TABLE: TableType = {
  columns: [NAME_COLUMN, AGE_COLUMN],
  cells: (object) => [nameOf(object), creationAge(object)],
};

/** Name and time of creation: what upstream shows for types without columns of their own. */
export const DEFAULT_TABLE: TableType = {
  columns: [NAME_COLUMN, column('Created At', 'date', 'Time when the object was created.')],
  cells: (object) => [nameOf(object), object.metadata.creationTimestamp ?? null],
};

export const LEASE_TABLE: TableType = {
  columns: [NAME_COLUMN, column('Holder', 'string', 'Who holds the lease.'), AGE_COLUMN],
  cells: (object) => [
    nameOf(object),
    readString(readObject(object, 'spec') ?? NONE, 'holderIdentity'),
    creationAge(object),
  ],
};

export const RESOURCE_QUOTA_TABLE: TableType = {
  columns: [
    NAME_COLUMN,
    column('Request', 'string', 'Used and allowed amounts of counted objects and requests.'),
    column('Limit', 'string', 'Used and allowed amounts of limits.'),
    AGE_COLUMN,
  ],
  cells: (object) => {
    const status = readObject(object, 'status') ?? NONE;
    const [hard, used] = [readObject(status, 'hard') ?? NONE, readObject(status, 'used') ?? NONE];
    const names = Object.keys(hard).sort();
    const amounts = (wanted: boolean): string =>
      names
        .filter((name) => name.startsWith('limits') === wanted)
        .map((name) => `${name}: ${amount(used, name)}/${amount(hard, name)}`)
        .join(', ');
    return [nameOf(object), amounts(false), amounts(true), creationAge(object)];
  },
};

function amount(amounts: JsonObject, name: string): string {
  const value = getOwn(amounts, name);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '0';
}

/** Where events of both groups keep the same facts. */
interface EventFields {
  readonly about: string;
  readonly message: string;
  readonly source: string;
  readonly first: string;
  readonly last: string;
  readonly count: string;
  readonly reporter: string;
}

const CORE_EVENT: EventFields = {
  about: 'involvedObject',
  message: 'message',
  source: 'source',
  first: 'firstTimestamp',
  last: 'lastTimestamp',
  count: 'count',
  reporter: 'reportingComponent',
};

const EVENTS_EVENT: EventFields = {
  about: 'regarding',
  message: 'note',
  source: 'deprecatedSource',
  first: 'deprecatedFirstTimestamp',
  last: 'deprecatedLastTimestamp',
  count: 'deprecatedCount',
  reporter: 'reportingController',
};

const EVENT_COLUMNS = [
  column('Last Seen', 'string', 'Time since it last happened.'),
  column('Type', 'string', 'Normal or Warning.'),
  column('Reason', 'string', 'Why it happened, in one word.'),
  column('Object', 'string', 'What it happened to.'),
  column('Subobject', 'string', 'Which part of that object.', { priority: 1 }),
  column('Source', 'string', 'Who reported it.', { priority: 1 }),
  column('Message', 'string', 'What happened.'),
  column('First Seen', 'string', 'Time since it first happened.', { priority: 1 }),
  column('Count', 'string', 'How often it happened.', { priority: 1 }),
  column('Name', 'string', 'The name of the event, unique within its namespace.', { format: 'name', priority: 1 }),
];

/** Events of the core group. */
export const CORE_EVENT_TABLE: TableType = { columns: EVENT_COLUMNS, cells: (event) => eventCells(event, CORE_EVENT) };

/** The same events as events.k8s.io shows them. */
export const EVENTS_EVENT_TABLE: TableType = {
  columns: EVENT_COLUMNS,
  cells: (event) => eventCells(event, EVENTS_EVENT),
};

function eventCells(event: KubeObject, fields: EventFields): Cell[] {
  const about = readObject(event, fields.about) ?? NONE;
  const series = readObject(event, 'series');
  const source = readObject(event, fields.source) ?? NONE;
  const [kind, name] = [readString(about, 'kind').toLowerCase(), readString(about, 'name')];
  const component = readString(source, 'component') || readString(event, fields.reporter);
  const instance = readString(source, 'host') || readString(event, 'reportingInstance');
  const firstTime = readString(event, fields.first) || readString(event, 'eventTime');
  const lastTime =
    series === undefined ? readString(event, fields.last) || firstTime : readString(series, 'lastObservedTime');
  const count = readNumber(series ?? event, series === undefined ? fields.count : 'count') ?? 0;
  return [
    ageOf(lastTime),
    readString(event, 'type'),
    readString(event, 'reason'),
    name === '' ? kind : `${kind}/${name}`,
    readString(about, 'fieldPath'),
    instance === '' ? component : `${component}, ${instance}`,
    readString(event, fields.message).trim(),
    ageOf(firstTime),
    series === undefined && count === 0 ? 1 : count,
    nameOf(event),
  ];
}

/** Status of the condition of that type. */
export function conditionStatus(object: KubeObject, type: string): JsonObject | undefined {
  const conditions = readObjects(readObject(object, 'status') ?? NONE, 'conditions');
  return conditions.find((condition) => readString(condition, 'type') === type);
}
