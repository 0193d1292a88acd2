import type { JsonObject, JsonValue } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readString } from '@kcp/apimachinery/schema/read';

/**
 * Events exist twice: as the core group has them, which is how they are stored, and as events.k8s.io/v1 shows them,
 * with other names for most members. Both directions make new objects that share what they carry.
 */
export function eventToCore(event: KubeObject): KubeObject {
  const series = readObject(event, 'series');
  return compact({
    kind: 'Event',
    apiVersion: 'v1',
    metadata: event.metadata,
    involvedObject: event.regarding ?? {},
    reason: event.reason,
    message: event.note,
    source: event.deprecatedSource ?? {},
    firstTimestamp: event.deprecatedFirstTimestamp ?? null,
    lastTimestamp: event.deprecatedLastTimestamp ?? null,
    count: event.deprecatedCount,
    type: event.type,
    eventTime: event.eventTime ?? null,
    series: series === undefined ? undefined : coreSeries(series),
    action: event.action,
    related: event.related,
    reportingComponent: readString(event, 'reportingController'),
    reportingInstance: readString(event, 'reportingInstance'),
  });
}

export function eventFromCore(event: KubeObject): KubeObject {
  const series = readObject(event, 'series');
  return compact({
    kind: 'Event',
    apiVersion: 'events.k8s.io/v1',
    metadata: event.metadata,
    eventTime: event.eventTime ?? null,
    series:
      series === undefined
        ? undefined
        : { count: series.count ?? 0, lastObservedTime: series.lastObservedTime ?? null },
    reportingController: nonEmpty(event.reportingComponent),
    reportingInstance: nonEmpty(event.reportingInstance),
    action: event.action,
    reason: event.reason,
    regarding: event.involvedObject ?? {},
    related: event.related,
    note: event.message,
    type: event.type,
    deprecatedSource: event.source ?? {},
    deprecatedFirstTimestamp: event.firstTimestamp ?? null,
    deprecatedLastTimestamp: event.lastTimestamp ?? null,
    deprecatedCount: event.count,
  });
}

/** The core group leaves a count of 0 out. */
function coreSeries(series: JsonObject): JsonObject {
  const lastObservedTime = series.lastObservedTime ?? null;
  return series.count === 0 || series.count === undefined
    ? { lastObservedTime }
    : { count: series.count, lastObservedTime };
}

function nonEmpty(value: JsonValue | undefined): JsonValue | undefined {
  return value === '' ? undefined : value;
}

type Sparse = { readonly kind: string; readonly apiVersion: string; readonly metadata: KubeObject['metadata'] } & {
  readonly [name: string]: JsonValue | undefined;
};

function compact(members: Sparse): KubeObject {
  const object: KubeObject = { kind: members.kind, apiVersion: members.apiVersion, metadata: members.metadata };
  for (const [name, value] of Object.entries(members)) if (value !== undefined) object[name] = value;
  return object;
}
