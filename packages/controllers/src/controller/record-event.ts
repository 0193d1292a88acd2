import { randomBytes } from 'node:crypto';
import { formatGoTime } from '@kcp/apimachinery/codec/go-time';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { Environment } from './environment.js';

const EVENTS = { group: '', version: 'v1', resource: 'events' };
const SUFFIX_BYTES = 8;
/** Where events about objects of cluster scope are. */
const DEFAULT_NAMESPACE = 'default';

/** The object that an event is about. */
export interface EventSubject {
  readonly cluster: ClusterName;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** What happened, and who says so. */
export interface EventText {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly component: string;
}

/** Writes an Event about an object. An event that cannot be written is logged and lost, as upstream: nothing depends on it. */
export async function recordEvent(environment: Environment, subject: EventSubject, text: EventText): Promise<void> {
  const { client, clock, log } = environment;
  const { cluster, ...involvedObject } = subject;
  try {
    await client
      .in(cluster)
      .create(EVENTS, eventOf(involvedObject, text, formatGoTime(Math.floor(clock.now() / 1_000))));
  } catch (error) {
    log.debug(2, 'an event could not be written', { cluster, reason: text.reason, error });
  }
}

function eventOf(subject: Omit<EventSubject, 'cluster'>, text: EventText, time: string): KubeObject {
  const { namespace, ...rest } = subject;
  const { component, ...told } = text;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      name: `${subject.name}.${randomBytes(SUFFIX_BYTES).toString('hex')}`,
      namespace: namespace === '' ? DEFAULT_NAMESPACE : namespace,
    },
    involvedObject: namespace === '' ? rest : { ...rest, namespace },
    ...told,
    source: { component },
    reportingComponent: component,
    reportingInstance: '',
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
}
