import { isObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { decodeJson, objectOf } from '../rest/decode.js';
import { statusErrorOf } from '../rest/failure.js';
import { TransportError } from '../transport/transport.js';

/** What a watch tells. A bookmark's object has a resourceVersion and nothing else. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: KubeObject;
}

/** On the bookmark that follows the last of the initial events. */
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

export function endsInitialEvents({ type, object }: WatchEvent): boolean {
  return type === 'BOOKMARK' && object.metadata.annotations?.[INITIAL_EVENTS_END] === 'true';
}

/** Decodes one line of a watch. Throws the StatusError of an ERROR event, and TransportError. */
export function decodeWatchEvent(line: Buffer): WatchEvent {
  const event = decodeJson(line);
  if (!isObject(event)) throw new TransportError('the watch sent something that is no event');
  const { type, object } = event;
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
    case 'BOOKMARK':
      return { type, object: objectOf(object) };
    case 'ERROR':
      throw statusErrorOf(object) ?? new TransportError('the watch sent an error that is no Status');
    default:
      throw new TransportError(`the watch sent an event of the unknown type ${String(type)}`);
  }
}
