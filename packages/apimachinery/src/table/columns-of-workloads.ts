import type { JsonObject } from '../json/value.js';
import type { KubeObject } from '../meta/object.js';
import { readBoolean, readNumber, readObject, readObjects, readOptionalString, readString } from '../schema/read.js';
import { AGE_COLUMN, ageOf, type Cell, column, creationAge, NAME_COLUMN, type TableType } from './column.js';
import { humanDuration } from './human-duration.js';
import {
  count,
  labelsCell,
  NOTHING,
  nameOf,
  SELECTOR_COLUMN,
  selectorCell,
  specOf,
  statusOf,
  TEMPLATE_COLUMNS,
  templateCells,
} from './workload-cells.js';

export const DEPLOYMENT_TABLE: TableType = {
  columns: [
    NAME_COLUMN,
    column('Ready', 'string', 'Pods that are ready, of those wanted.'),
    column('Up-to-date', 'string', 'Pods of the present template.'),
    column('Available', 'string', 'Pods that have been ready long enough.'),
    AGE_COLUMN,
    ...TEMPLATE_COLUMNS,
    SELECTOR_COLUMN,
  ],
  cells: (object) => {
    const [spec, status] = [specOf(object), statusOf(object)];
    return [
      nameOf(object),
      `${count(status, 'readyReplicas')}/${count(spec, 'replicas')}`,
      count(status, 'updatedReplicas'),
      count(status, 'availableReplicas'),
      creationAge(object),
      ...templateCells(spec),
      selectorCell(readObject(spec, 'selector')),
    ];
  },
};

const REPLICA_COLUMNS = [
  NAME_COLUMN,
  column('Desired', 'integer', 'Pods wanted.'),
  column('Current', 'integer', 'Pods there are.'),
  column('Ready', 'integer', 'Pods that are ready.'),
  AGE_COLUMN,
  ...TEMPLATE_COLUMNS,
  SELECTOR_COLUMN,
];

function replicaCells(object: KubeObject, selector: Cell): Cell[] {
  const [spec, status] = [specOf(object), statusOf(object)];
  return [
    nameOf(object),
    count(spec, 'replicas'),
    count(status, 'replicas'),
    count(status, 'readyReplicas'),
    creationAge(object),
    ...templateCells(spec),
    selector,
  ];
}

export const REPLICA_SET_TABLE: TableType = {
  columns: REPLICA_COLUMNS,
  cells: (object) => replicaCells(object, selectorCell(readObject(specOf(object), 'selector'))),
};

export const REPLICATION_CONTROLLER_TABLE: TableType = {
  columns: REPLICA_COLUMNS,
  cells: (object) => replicaCells(object, labelsCell(readObject(specOf(object), 'selector'))),
};

export const DAEMON_SET_TABLE: TableType = {
  columns: [
    NAME_COLUMN,
    column('Desired', 'integer', 'Nodes that should run the pod.'),
    column('Current', 'integer', 'Nodes that should run the pod, and do.'),
    column('Ready', 'integer', 'Nodes whose pod is ready.'),
    column('Up-to-date', 'integer', 'Nodes whose pod is of the present template.'),
    column('Available', 'integer', 'Nodes whose pod has been ready long enough.'),
    column('Node Selector', 'string', 'Labels of the nodes that run the pod.'),
    AGE_COLUMN,
    ...TEMPLATE_COLUMNS,
    SELECTOR_COLUMN,
  ],
  cells: (object) => {
    const [spec, status] = [specOf(object), statusOf(object)];
    return [
      nameOf(object),
      count(status, 'desiredNumberScheduled'),
      count(status, 'currentNumberScheduled'),
      count(status, 'numberReady'),
      count(status, 'updatedNumberScheduled'),
      count(status, 'numberAvailable'),
      labelsCell(readObject(specOf(readObject(spec, 'template') ?? {}), 'nodeSelector')),
      creationAge(object),
      ...templateCells(spec),
      selectorCell(readObject(spec, 'selector')),
    ];
  },
};

export const STATEFUL_SET_TABLE: TableType = {
  columns: [
    NAME_COLUMN,
    column('Ready', 'string', 'Pods that are ready, of those wanted.'),
    AGE_COLUMN,
    ...TEMPLATE_COLUMNS,
  ],
  cells: (object) => {
    const [spec, status] = [specOf(object), statusOf(object)];
    const ready = `${count(status, 'readyReplicas')}/${count(spec, 'replicas')}`;
    return [nameOf(object), ready, creationAge(object), ...templateCells(spec)];
  },
};

export const JOB_TABLE: TableType = {
  columns: [
    NAME_COLUMN,
    column('Status', 'string', 'How far the job has come.'),
    column('Completions', 'string', 'Pods that have succeeded, of those wanted.'),
    column('Duration', 'string', 'Time from start to completion.'),
    AGE_COLUMN,
    ...TEMPLATE_COLUMNS,
    SELECTOR_COLUMN,
  ],
  cells: (object) => {
    const [spec, status] = [specOf(object), statusOf(object)];
    return [
      nameOf(object),
      jobState(object, status),
      completions(spec, status),
      jobDuration(status),
      creationAge(object),
      ...templateCells(spec),
      selectorCell(readObject(spec, 'selector')),
    ];
  },
};

const JOB_STATES: readonly (readonly [condition: string, shown: string])[] = [
  ['Complete', 'Complete'],
  ['Failed', 'Failed'],
];
const LATER_JOB_STATES: readonly (readonly [condition: string, shown: string])[] = [
  ['Suspended', 'Suspended'],
  ['FailureTarget', 'FailureTarget'],
  ['SuccessCriteriaMet', 'SuccessCriteriaMet'],
];

function jobState(object: KubeObject, status: JsonObject): string {
  const conditions = readObjects(status, 'conditions');
  const holds = ([type]: readonly [string, string]): boolean =>
    conditions.some((one) => readString(one, 'type') === type && readString(one, 'status') === 'True');
  const done = JOB_STATES.find(holds);
  if (done !== undefined) return done[1];
  if (object.metadata.deletionTimestamp !== undefined) return 'Terminating';
  return LATER_JOB_STATES.find(holds)?.[1] ?? 'Running';
}

function completions(spec: JsonObject, status: JsonObject): string {
  const succeeded = count(status, 'succeeded');
  const wanted = readNumber(spec, 'completions');
  if (wanted !== undefined) return `${succeeded}/${wanted}`;
  const parallelism = count(spec, 'parallelism');
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function jobDuration(status: JsonObject): Cell {
  const [start, end] = [readString(status, 'startTime'), readString(status, 'completionTime')];
  if (start === '') return '';
  return end === '' ? ageOf(start) : humanDuration(Date.parse(end) - Date.parse(start));
}

export const CRON_JOB_TABLE: TableType = {
  columns: [
    NAME_COLUMN,
    column('Schedule', 'string', 'When jobs are started.'),
    column('Timezone', 'string', 'Whose time the schedule means.'),
    column('Suspend', 'boolean', 'No more jobs are started.'),
    column('Active', 'integer', 'Jobs that are running.'),
    column('Last Schedule', 'string', 'Time since a job was started.'),
    AGE_COLUMN,
    ...TEMPLATE_COLUMNS,
    SELECTOR_COLUMN,
  ],
  cells: (object) => {
    const [spec, status] = [specOf(object), statusOf(object)];
    const job = specOf(readObject(spec, 'jobTemplate') ?? {});
    const last = readOptionalString(status, 'lastScheduleTime');
    return [
      nameOf(object),
      readString(spec, 'schedule'),
      readOptionalString(spec, 'timeZone') ?? NOTHING,
      readBoolean(spec, 'suspend') ? 'True' : 'False',
      readObjects(status, 'active').length,
      last === undefined ? NOTHING : ageOf(last),
      creationAge(object),
      ...templateCells(job),
      selectorCell(readObject(job, 'selector')),
    ];
  },
};

export const POD_TEMPLATE_TABLE: TableType = {
  columns: [
    NAME_COLUMN,
    ...TEMPLATE_COLUMNS.map((one) => ({ ...one, priority: 0 })),
    column('Pod Labels', 'string', 'Labels of pods made from the template.'),
  ],
  cells: (object) => [
    nameOf(object),
    ...templateCells(object),
    labelsCell(readObject(readObject(readObject(object, 'template') ?? {}, 'metadata') ?? {}, 'labels')),
  ],
};

export const CONTROLLER_REVISION_TABLE: TableType = {
  columns: [
    NAME_COLUMN,
    column('Controller', 'string', 'Whose history it belongs to.'),
    column('Revision', 'string', 'Its number in the history.'),
    AGE_COLUMN,
  ],
  cells: (object) => {
    const owner = object.metadata.ownerReferences?.find((one) => one.controller === true);
    return [nameOf(object), controllerCell(owner), count(object, 'revision'), creationAge(object)];
  },
};

function controllerCell(owner: JsonObject | undefined): string {
  if (owner === undefined) return NOTHING;
  const [group = ''] = readString(owner, 'apiVersion').split('/').slice(0, -1);
  const kind = readString(owner, 'kind').toLowerCase();
  return `${kind}${group === '' ? '' : `.${group}`}/${readString(owner, 'name')}`;
}
