import { newRequestEntityTooLarge } from '@kcp/apimachinery/errors/status-error';
import type { UserInfo } from '../authn/user.js';
import type { ApiRequest, PeerIdentity } from './exchange.js';

export interface InProcessCall {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  readonly signal: AbortSignal;
}

/** A call from within the process in the form in which the handler chain takes it: no TLS, the same authorization. */
export class InProcessRequest implements ApiRequest {
  readonly method: string;
  readonly target: string;
  readonly signal: AbortSignal;
  readonly peer: PeerIdentity;
  readonly #call: InProcessCall;

  constructor(call: InProcessCall, user: UserInfo) {
    this.#call = call;
    this.method = call.method;
    this.target = call.target;
    this.signal = call.signal;
    this.peer = { kind: 'inProcess', user };
  }

  header(name: string): string | undefined {
    return this.#call.headers[name];
  }

  headersWith(prefix: string): ReadonlyMap<string, readonly string[]> {
    const found = Object.entries(this.#call.headers).filter(([name]) => name.startsWith(prefix));
    return new Map(found.map(([name, value]) => [name, [value]]));
  }

  /** What was answered is in the hands of the caller. */
  over(listener: () => void): void {
    listener();
  }

  async body(maxBytes: number): Promise<Buffer> {
    const { body = Buffer.alloc(0) } = this.#call;
    if (body.length > maxBytes) throw newRequestEntityTooLarge(`Request entity too large: limit is ${maxBytes}`);
    return body;
  }
}
