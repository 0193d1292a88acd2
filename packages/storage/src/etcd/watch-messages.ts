import { WireReader } from '@kcp/apimachinery/codec/protobuf/wire-reader';
import type { Revision } from '../store.js';
import {
  eachField,
  encode,
  flag,
  type KeyValue,
  nested,
  number,
  readHeader,
  readKeyValue,
  readRevision,
} from './messages.js';
import { etcdRevision } from './revision-offset.js';

/* As in range-messages.ts: `ahead` is how far the store's revisions are ahead of etcd's. */

export interface WatchEvent {
  readonly deletion: boolean;
  readonly item: KeyValue;
  readonly previous: KeyValue | undefined;
}

export interface WatchAnswer {
  readonly revision: Revision;
  readonly created: boolean;
  readonly canceled: boolean;
  /** Above 0 when the watch ended because everything up to here is forgotten. */
  readonly compacted: Revision;
  readonly reason: string;
  /** More events of the same batch follow in the next message. */
  readonly fragment: boolean;
  readonly events: readonly WatchEvent[];
}

/** As a key and as the end of a range: from the first key, to the last. */
const EVERYTHING = '\0';

/** Asks for every event of the whole store from `start` on, with what each replaced. */
export function encodeWatch(start: Revision, ahead: number): Buffer {
  return encode((writer) =>
    nested(writer, 1, (create) => {
      flag(create, 8, true);
      flag(create, 6, true);
      number(create, 3, etcdRevision(start, ahead));
      create.text(2, EVERYTHING);
      create.text(1, EVERYTHING);
    }),
  );
}

export function decodeWatch(bytes: Buffer, ahead: number): WatchAnswer {
  const reader = new WireReader(bytes);
  const events: WatchEvent[] = [];
  const answer = { revision: 0, created: false, canceled: false, compacted: 0, reason: '', fragment: false, events };
  eachField(reader, (field) => {
    if (field === 1) answer.revision = readHeader(reader.message(), ahead);
    else if (field === 3) answer.created = reader.varint() !== 0;
    else if (field === 4) answer.canceled = reader.varint() !== 0;
    else if (field === 5) answer.compacted = readRevision(reader, ahead);
    else if (field === 6) answer.reason = reader.text();
    else if (field === 7) answer.fragment = reader.varint() !== 0;
    else if (field === 11) events.push(readEvent(reader.message(), ahead));
    else return false;
    return true;
  });
  return answer;
}

const NO_ITEM: KeyValue = { key: '', value: Buffer.alloc(0), createRevision: 0, modRevision: 0 };

function readEvent(reader: WireReader, ahead: number): WatchEvent {
  const event: { deletion: boolean; item: KeyValue; previous: KeyValue | undefined } = {
    deletion: false,
    item: NO_ITEM,
    previous: undefined,
  };
  eachField(reader, (field) => {
    if (field === 1) event.deletion = reader.varint() === 1;
    else if (field === 2) event.item = readKeyValue(reader.message(), ahead);
    else if (field === 3) event.previous = readKeyValue(reader.message(), ahead);
    else return false;
    return true;
  });
  return event;
}
