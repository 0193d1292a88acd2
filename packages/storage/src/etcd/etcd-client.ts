import { StorageError } from '../errors.js';
import { Channel, type Stream } from '../grpc/channel.js';
import { GrpcError, type GrpcStatus } from '../grpc/grpc-status.js';
import { type Credentials, reasonOf, securityOf } from '../grpc/target.js';
import { belongsElsewhere } from './etcd-errors.js';
import { CALL_DEADLINE_MS, CALL_TOTAL_MS, KEEPALIVE_MS, KEEPALIVE_TIMEOUT_MS } from './limits.js';

export interface EtcdEndpoints {
  /** `http://host:port` or `https://host:port`, all of one cluster. */
  readonly servers: readonly string[];
  /** What is used with https, read anew for every connection. May throw. */
  readonly tls?: () => Credentials;
}

/** Where the methods are that are one request and one answer. */
const PATHS = {
  Range: '/etcdserverpb.KV/Range',
  Txn: '/etcdserverpb.KV/Txn',
  Compact: '/etcdserverpb.KV/Compact',
  Status: '/etcdserverpb.Maintenance/Status',
} as const;
const WATCH_PATH = '/etcdserverpb.Watch/Watch';
const KEEP_ALIVE = { silenceMs: KEEPALIVE_MS, answerMs: KEEPALIVE_TIMEOUT_MS };

export type Method = keyof typeof PATHS;

export interface CallOptions {
  /** False for what must not be done twice. */
  readonly repeatable: boolean;
  /** How long one member has to answer, and all of them. */
  readonly deadlineMs?: number;
  readonly totalMs?: number;
}

export interface StreamListener {
  message(bytes: Buffer): void;
  /** Called once, unless the stream was cancelled. */
  ended(end: GrpcStatus): void;
}

/** Connections to the members of one etcd; whoever does not answer is left for the next. */
export class EtcdClient {
  readonly #members: readonly Channel[];
  #current = 0;

  /** Throws `unavailable` for files that are no good. */
  constructor({ servers, tls = () => ({}) }: EtcdEndpoints) {
    const security = () => secured(tls);
    if (servers.some((server) => server.startsWith('https:'))) tryOnce(security);
    this.#members = servers.map((server) => new Channel({ url: new URL(server), security }, KEEP_ALIVE));
  }

  /** Rejects with GrpcError when no endpoint answers, or one refuses. */
  async call(method: Method, request: Buffer, options: CallOptions): Promise<Buffer> {
    const { deadlineMs = CALL_DEADLINE_MS, totalMs = CALL_TOTAL_MS } = options;
    const end = performance.now() + totalMs;
    for (let tries = 1, timeoutMs = Math.min(deadlineMs, totalMs); ; tries++) {
      const endpoint = this.#current;
      try {
        return await this.#member(endpoint).unary(PATHS[method], request, timeoutMs);
      } catch (error) {
        if (!(error instanceof GrpcError) || !belongsElsewhere(error)) throw error;
        this.#leave(endpoint);
        timeoutMs = Math.min(deadlineMs, Math.ceil(end - performance.now()));
        if (!(options.repeatable || error.neverSent) || timeoutMs <= 0) throw error;
        // A request that was never sent may have met a connection that was just ending: all are asked once more.
        if (tries >= this.#members.length + (error.neverSent ? 1 : 0)) throw error;
      }
    }
  }

  /** Opens a watch stream and sends one request; the stream is given up when its member has no leader. */
  watch(request: Buffer, listener: StreamListener): Stream {
    const endpoint = this.#current;
    return this.#member(endpoint).stream(WATCH_PATH, request, {
      message: (bytes) => listener.message(bytes),
      ended: (end) => {
        this.#leave(endpoint);
        listener.ended(end);
      },
    });
  }

  close(): void {
    for (const member of this.#members) member.close();
  }

  #leave(endpoint: number): void {
    if (this.#current === endpoint) this.#current = (endpoint + 1) % this.#members.length;
  }

  #member(endpoint: number): Channel {
    return this.#members[endpoint] as Channel;
  }
}

function secured(tls: () => Credentials): ReturnType<typeof securityOf> {
  try {
    return securityOf(tls());
  } catch (error) {
    throw new Error(`the certificate, its key or the authority cannot be used: ${reasonOf(error)}`, { cause: error });
  }
}

/** What is wrong from the start is told at once. */
function tryOnce(security: () => unknown): void {
  try {
    security();
  } catch (error) {
    throw new StorageError('unavailable', `etcd: ${reasonOf(error)}`, {}, { cause: error });
  }
}
