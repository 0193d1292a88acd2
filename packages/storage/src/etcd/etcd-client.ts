import { type ChannelCredentials, Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { belongsElsewhere, wasNeverSent } from './etcd-errors.js';
import {
  CALL_DEADLINE_MS,
  CALL_TOTAL_MS,
  KEEPALIVE_MS,
  KEEPALIVE_TIMEOUT_MS,
  RECONNECT_MAX_MS,
  RECONNECT_MIN_MS,
} from './limits.js';

/** PEM texts; the system's authorities are used where none is named. */
export interface EtcdTls {
  readonly authority?: Buffer;
  readonly certificate?: Buffer;
  readonly key?: Buffer;
}

export interface EtcdEndpoints {
  /** `http://host:port` or `https://host:port`, all of one cluster. */
  readonly servers: readonly string[];
  readonly tls?: EtcdTls;
}

/** Where the methods are that are one request and one answer. */
const PATHS = {
  Range: '/etcdserverpb.KV/Range',
  Txn: '/etcdserverpb.KV/Txn',
  Compact: '/etcdserverpb.KV/Compact',
  Status: '/etcdserverpb.Maintenance/Status',
} as const;

export type Method = keyof typeof PATHS;

export interface CallOptions {
  /** False for what must not be done twice. */
  readonly repeatable: boolean;
  /** How long one member has to answer, and all of them. */
  readonly deadlineMs?: number;
  readonly totalMs?: number;
}

/** A stream of answers, until it ends. */
export interface Stream {
  cancel(): void;
}

export interface StreamListener {
  message(bytes: Buffer): void;
  /** Called once, unless the stream was cancelled. */
  ended(end: StreamEnd): void;
}

/** A gRPC status. */
export type StreamEnd = Pick<ServiceError, 'code' | 'details'>;

const WATCH_PATH = '/etcdserverpb.Watch/Watch';
const asIs = (bytes: Buffer): Buffer => bytes;

/** Connections to the members of one etcd; whoever does not answer is left for the next. */
export class EtcdClient {
  readonly #clients: (Client | undefined)[];
  readonly #servers: readonly string[];
  readonly #credentials: ChannelCredentials;
  #current = 0;

  constructor({ servers, tls = {} }: EtcdEndpoints) {
    this.#servers = servers;
    this.#clients = servers.map(() => undefined);
    this.#credentials = servers.some((server) => server.startsWith('https:'))
      ? credentials.createSsl(tls.authority ?? null, tls.key ?? null, tls.certificate ?? null)
      : credentials.createInsecure();
  }

  /** Rejects with ServiceError when no endpoint answers, or one refuses. */
  async call(method: Method, request: Buffer, options: CallOptions): Promise<Buffer> {
    const { deadlineMs = CALL_DEADLINE_MS, totalMs = CALL_TOTAL_MS } = options;
    const end = Date.now() + totalMs;
    for (let tries = 1; ; tries++) {
      const endpoint = this.#current;
      try {
        return await unary(this.#client(endpoint), method, request, Math.min(Date.now() + deadlineMs, end));
      } catch (error) {
        if (!isServiceError(error) || !belongsElsewhere(error)) throw error;
        this.#leave(endpoint);
        if (tries >= this.#servers.length || Date.now() >= end || !(options.repeatable || wasNeverSent(error)))
          throw error;
      }
    }
  }

  /** Opens a watch stream and sends one request; the stream is given up when its member has no leader. */
  watch(request: Buffer, listener: StreamListener): Stream {
    const endpoint = this.#current;
    const metadata = new Metadata();
    metadata.set('hasleader', 'true');
    const stream = this.#client(endpoint).makeBidiStreamRequest<Buffer, Buffer>(WATCH_PATH, asIs, asIs, metadata);
    let over = false;
    stream.on('data', (bytes: Buffer) => {
      if (!over) listener.message(bytes);
    });
    stream.on('status', (status: StreamEnd) => {
      if (over) return;
      over = true;
      this.#leave(endpoint);
      listener.ended(status);
    });
    // The status, which always comes, says the same; an error that nobody hears would end the process.
    stream.on('error', () => stream.end());
    stream.write(request);
    return {
      cancel: () => {
        over = true;
        stream.cancel();
      },
    };
  }

  close(): void {
    for (const client of this.#clients) client?.close();
  }

  #leave(endpoint: number): void {
    if (this.#current === endpoint) this.#current = (endpoint + 1) % this.#servers.length;
  }

  #client(endpoint: number): Client {
    const known = this.#clients[endpoint];
    if (known !== undefined) return known;
    const client = new Client(hostOf(this.#servers[endpoint] ?? ''), this.#credentials, {
      'grpc.keepalive_time_ms': KEEPALIVE_MS,
      'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
      'grpc.initial_reconnect_backoff_ms': RECONNECT_MIN_MS,
      'grpc.max_reconnect_backoff_ms': RECONNECT_MAX_MS,
      // An answer may hold many values; how many is limited by what is asked.
      'grpc.max_receive_message_length': -1,
      'grpc.max_send_message_length': -1,
      'grpc.enable_retries': 0,
    });
    this.#clients[endpoint] = client;
    return client;
  }
}

function unary(client: Client, method: Method, request: Buffer, deadline: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest<Buffer, Buffer>(
      PATHS[method],
      asIs,
      asIs,
      request,
      new Metadata(),
      { deadline },
      (error, answer) => {
        if (error !== null) reject(error);
        else resolve(answer ?? Buffer.alloc(0));
      },
    );
  });
}

export function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && 'details' in error;
}

function hostOf(server: string): string {
  return new URL(server).host;
}
