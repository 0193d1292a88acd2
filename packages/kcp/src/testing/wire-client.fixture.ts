import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from 'node:http2';
import { parseJson } from '@kcp/apimachinery/json/parse';
import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';

export interface Reply {
  readonly code: number;
  readonly text: string;
  /** Empty for what is no JSON object. */
  readonly body: JsonObject;
}

/** Sends what a test wants to send, byte for byte, over one HTTP/2 connection to this machine. */
export class WireClient {
  readonly #session: ClientHttp2Session;

  constructor(port: number | undefined) {
    this.#session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  }

  /** A request as whoever the bearer token names; nobody when it is empty. */
  send(
    method: string,
    path: string,
    token: string,
    body?: JsonObject | string,
    more: OutgoingHttpHeaders = {},
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const stream = this.#session.request(
        {
          ...{ ':method': method, ':path': path, 'content-type': 'application/json' },
          ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
          ...more,
        },
        { endStream: body === undefined },
      );
      const parts: Buffer[] = [];
      let code = 0;
      stream.on('response', (head) => {
        code = Number(head[':status']);
      });
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('error', reject);
      stream.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        resolve({ code, text, body: objectOf(text) });
      });
      // Node ends the streams of methods that have no body by itself.
      if (body === undefined && !stream.writableEnded) stream.end();
      else if (body !== undefined) stream.end(typeof body === 'object' ? JSON.stringify(body) : body);
    });
  }

  close(): void {
    this.#session.destroy();
  }
}

function objectOf(text: string): JsonObject {
  if (!text.startsWith('{')) return {};
  const { value } = parseJson(text);
  return isObject(value) ? value : {};
}
