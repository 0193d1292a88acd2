import type { CallListener } from './active-call.js';
import { Connection } from './connection.js';
import { GrpcError, type GrpcStatus, STATUS } from './grpc-status.js';
import { encodeBlock, type Field } from './header-block.js';
import { KNOWN_BLOCKS_MAX, RECONNECT_MAX_MS, RECONNECT_MIN_MS } from './limits.js';
import type { KeepAlive } from './silence.js';
import type { Target } from './target.js';

/** Answers that go on until they end or are given up. */
export interface Stream {
  cancel(): void;
}

/**
 * One server. The first call connects, and so does the first one after a connection was lost. For a while after an attempt
 * that failed, calls fail at once, as it did.
 */
export class Channel {
  readonly #target: Target;
  readonly #keepAlive: KeepAlive;
  readonly #blocks = new Map<string, Buffer>();
  /** The one that takes calls, and those that still answer some. */
  readonly #connections = new Set<Connection>();
  #current: Connection | undefined;
  #failure: GrpcStatus | undefined;
  /** Monotonic, in milliseconds. */
  #failedUntil = 0;
  #pause = RECONNECT_MIN_MS;

  constructor(target: Target, keepAlive: KeepAlive) {
    this.#target = target;
    this.#keepAlive = keepAlive;
  }

  /** One message for one message. Rejects with GrpcError. */
  unary(path: string, message: Buffer, timeoutMs: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const connection = this.#connected();
      if (connection === undefined) {
        reject(new GrpcError(this.#refusal()));
        return;
      }
      const block = this.#block(path, timeoutMs);
      connection.call({ block, message, last: true, timeoutMs }, new OneAnswer(resolve, reject));
    });
  }

  /** One message, and answers until the stream ends. The server is to end it when it has no leader. */
  stream(path: string, message: Buffer, listener: CallListener): Stream {
    const connection = this.#connected();
    if (connection === undefined) {
      const refused = setImmediate(() => listener.ended(this.#refusal()));
      return { cancel: () => clearImmediate(refused) };
    }
    const call = connection.call({ block: this.#block(path), message, last: false }, listener);
    return { cancel: () => connection.cancel(call) };
  }

  close(): void {
    for (const connection of [...this.#connections]) connection.close();
  }

  /** Undefined while the last attempt counts. */
  #connected(): Connection | undefined {
    if (this.#current?.usable === true) return this.#current;
    if (this.#failure !== undefined && performance.now() < this.#failedUntil) return undefined;
    const connection: Connection = new Connection(this.#target, this.#keepAlive, (status) =>
      this.#lost(connection, status),
    );
    this.#current = connection;
    this.#connections.add(connection);
    return connection;
  }

  #lost(connection: Connection, status: GrpcStatus): void {
    this.#connections.delete(connection);
    if (connection.greeted) {
      this.#failure = undefined;
      this.#pause = RECONNECT_MIN_MS;
      return;
    }
    this.#failure = status;
    this.#failedUntil = performance.now() + this.#pause;
    this.#pause = Math.min(this.#pause * 2, RECONNECT_MAX_MS);
  }

  #refusal(): GrpcStatus {
    return { code: STATUS.UNAVAILABLE, details: this.#failure?.details ?? '', neverSent: true };
  }

  /** The header fields of a call, of which there are few that differ. */
  #block(path: string, timeoutMs?: number): Buffer {
    const name = timeoutMs === undefined ? path : `${path} ${timeoutMs}`;
    const before = this.#blocks.get(name);
    if (before !== undefined) return before;
    const block = encodeBlock(fieldsOf(this.#target.url, path, timeoutMs));
    if (this.#blocks.size >= KNOWN_BLOCKS_MAX) this.#blocks.clear();
    this.#blocks.set(name, block);
    return block;
  }
}

function fieldsOf(url: URL, path: string, timeoutMs: number | undefined): Field[] {
  return [
    [':method', 'POST'],
    [':scheme', url.protocol.slice(0, -1)],
    [':path', path],
    [':authority', url.host],
    ['te', 'trailers'],
    ['content-type', 'application/grpc'],
    ['user-agent', 'kcp'],
    timeoutMs === undefined ? ['hasleader', 'true'] : ['grpc-timeout', `${Math.ceil(timeoutMs)}m`],
  ];
}

class OneAnswer implements CallListener {
  readonly #resolve: (answer: Buffer) => void;
  readonly #reject: (error: GrpcError) => void;
  #answer: Buffer | undefined;

  constructor(resolve: (answer: Buffer) => void, reject: (error: GrpcError) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  message(bytes: Buffer): void {
    this.#answer = bytes;
  }

  ended(status: GrpcStatus): void {
    if (status.code !== STATUS.OK) this.#reject(new GrpcError(status));
    else if (this.#answer !== undefined) this.#resolve(this.#answer);
    else this.#reject(new GrpcError({ code: STATUS.INTERNAL, details: 'an answer without a message' }));
  }
}
