import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { REMOTE_RESPONSE_BYTES_MAX, REMOTE_TIMEOUT_MS } from '../limits.js';

/** Where a service of the operator's is, and who we are there. Certificates are PEM. */
export interface EndpointAccess {
  readonly server: string;
  readonly serverName: string | undefined;
  readonly skipVerify: boolean;
  readonly authority: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly token: string | undefined;
}

/** A service that was not reached or did not answer with success. */
export class EndpointError extends Error {
  constructor(why: string, options?: ErrorOptions) {
    super(why, options);
    this.name = 'EndpointError';
  }
}

/** A service that is asked for JSON: it answers in time, within bounds, and never sends us elsewhere. */
export class RemoteEndpoint {
  readonly #access: EndpointAccess;
  readonly #url: URL;
  readonly #agent: Agent;

  constructor(access: EndpointAccess) {
    const { authority, certificate, key, skipVerify, serverName } = access;
    this.#access = access;
    this.#url = new URL(access.server);
    this.#agent = new Agent({
      keepAlive: true,
      rejectUnauthorized: !skipVerify,
      ...(authority === undefined ? {} : { ca: authority, allowPartialTrustChain: true }),
      ...(certificate === undefined ? {} : { cert: certificate }),
      ...(key === undefined ? {} : { key }),
      ...(serverName === undefined ? {} : { servername: serverName }),
    });
  }

  /** Resolves with the body of the answer. Rejects with EndpointError; a redirect is a failure like any other. */
  post(body: string): Promise<string> {
    return this.#send(this.#url, 'POST', body);
  }

  /** The same for a document, at another address if one is given. */
  get(url: string = this.#url.href): Promise<string> {
    return this.#send(new URL(url), 'GET', undefined);
  }

  #send(url: URL, method: 'GET' | 'POST', body: string | undefined): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void =>
        reject(new EndpointError(`${url.host} was not reached: ${String(error)}`, { cause: error }));
      const signal = AbortSignal.timeout(REMOTE_TIMEOUT_MS);
      const options = { method, agent: this.#agent, headers: this.#headers(body !== undefined), signal };
      const sent = request(url, options, (answer) => {
        readBounded(answer, fail, (text) => {
          const { statusCode = 0 } = answer;
          if (statusCode >= 200 && statusCode < 300) resolve(text);
          else reject(new EndpointError(`${url.host} answered with status ${statusCode}`));
        });
      });
      sent.on('error', fail);
      sent.end(body);
    });
  }

  #headers(hasBody: boolean): Record<string, string> {
    const { token } = this.#access;
    return {
      accept: 'application/json',
      ...(hasBody ? { 'content-type': 'application/json' } : {}),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
  }

  close(): void {
    this.#agent.destroy();
  }
}

function readBounded(answer: IncomingMessage, fail: (error: unknown) => void, done: (text: string) => void): void {
  const parts: Buffer[] = [];
  let bytes = 0;
  answer.on('data', (part: Buffer) => {
    bytes += part.length;
    if (bytes > REMOTE_RESPONSE_BYTES_MAX) answer.destroy(new Error('the answer is too long'));
    else parts.push(part);
  });
  answer.on('error', fail);
  answer.on('end', () => done(Buffer.concat(parts).toString('utf8')));
}
