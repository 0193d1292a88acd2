import { memberAt, valueEnd } from './json-scan.js';
import { SharedBytes } from './shared-bytes.js';

/** From this size on a member is kept apart. */
export const SHARED_MEMBER_BYTES_MIN = 1_024;

const members = new SharedBytes();

/** The bytes of an object in three parts, of which the middle one is shared with all objects that have the same. */
export class SplitBytes {
  /** Up to the value of the member; metadata lies in here. */
  readonly head: Buffer;
  /** The value of the member. */
  readonly member: Buffer;
  readonly tail: Buffer;

  constructor(head: Buffer, member: Buffer, tail: Buffer) {
    this.head = head;
    this.member = member;
    this.tail = tail;
  }

  /** Takes an object of final form apart; undefined when the member is absent or not worth it. */
  static at(bytes: Buffer, name: string): SplitBytes | undefined {
    const start = memberAt(bytes, 0, name);
    if (start < 0) return undefined;
    const end = valueEnd(bytes, start);
    if (end - start < SHARED_MEMBER_BYTES_MIN) return undefined;
    return new SplitBytes(own(bytes, 0, start), members.of(bytes.subarray(start, end)), own(bytes, end, bytes.length));
  }

  withHead(head: Buffer): SplitBytes {
    return new SplitBytes(head, this.member, this.tail);
  }

  /** What belongs to this object alone. */
  get ownLength(): number {
    return this.head.length + this.tail.length;
  }

  joined(): Buffer {
    return Buffer.concat([this.head, this.member, this.tail]);
  }
}

/** A copy, as a part of a buffer keeps the whole alive. */
function own(bytes: Buffer, start: number, end: number): Buffer {
  const out = Buffer.allocUnsafeSlow(end - start);
  bytes.copy(out, 0, start, end);
  return out;
}
