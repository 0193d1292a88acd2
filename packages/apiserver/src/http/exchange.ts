import type { UserInfo } from '../authn/user.js';

/** A request as the handler chain sees it, whatever transport brought it. */
export interface ApiRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  /** A header by its lower-case name; several of one name are joined by a comma. */
  header(name: string): string | undefined;
  /** Every header whose lower-case name begins with `prefix`, each with all of its values. */
  headersWith(prefix: string): ReadonlyMap<string, readonly string[]>;
  /** The whole body. Throws StatusError 413 beyond `maxBytes`, before reading on. */
  body(maxBytes: number): Promise<Buffer>;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
  /** Calls back once when the answer has gone out or the client has, at once where nothing is left to be sent. */
  over(listener: () => void): void;
  readonly peer: PeerIdentity;
}

/** What the transport itself vouches for. */
export type PeerIdentity =
  | TlsPeer
  /** A WebSocket or connection without TLS identity. */
  | { readonly kind: 'none' }
  /** A caller within this process that was handed an identity by the composition root. */
  | { readonly kind: 'inProcess'; readonly user: UserInfo };

/** The other end of a TLS connection; the subject of its certificate by what the certificate is good for. */
export interface TlsPeer {
  readonly kind: 'tls';
  /** IP address; empty when the connection is gone already. */
  readonly address: string;
  /** Verified against the authorities of users. */
  readonly certificate: CertificateSubject | undefined;
  /** Verified against the authorities of authenticating proxies. */
  readonly proxy: CertificateSubject | undefined;
  /** A certificate was sent and no authority of users vouches for it. */
  readonly refused: boolean;
}

export interface CertificateSubject {
  readonly commonName: string;
  readonly organizations: readonly string[];
  /** Empty when the subject carries none. */
  readonly uid: string;
  /** SHA-256 of the certificate in lower-case hex. */
  readonly fingerprint: string;
}

export type ApiResponse = BytesResponse | StreamResponse;

export interface BytesResponse {
  readonly kind: 'bytes';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Written in order; nobody changes the buffers afterwards. */
  readonly body: readonly Buffer[];
}

/** An answer without an end of its own: headers go out at once, `run` writes until it is done or the client is gone. */
export interface StreamResponse {
  readonly kind: 'stream';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  run(sink: StreamSink): void;
}

export interface StreamSink {
  /** Queues bytes. Returns false when the client lags; `onDrain` is then called once it has caught up. */
  write(bytes: Buffer): boolean;
  onDrain(listener: () => void): void;
  /** Called once when the client is gone or `end` has been called. */
  onClose(listener: () => void): void;
  /** Ends the answer cleanly. */
  end(): void;
}

/** Answers requests; the transports know nothing else of the server. */
export interface ApiHandler {
  handle(request: ApiRequest): Promise<ApiResponse>;
}
