import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { parseJson } from '@kcp/apimachinery/json/parse';
import { stringify } from '@kcp/apimachinery/json/stringify';
import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import { FIXTURE_CA, LOOPBACK_SERVER } from './certificates.fixture.js';

export type WebhookHandler = (body: JsonObject, response: ServerResponse, request: IncomingMessage) => void;

/** A webhook on loopback that does what a test wants, and what it takes to call it. */
export interface WebhookServer {
  readonly origin: string;
  /** The bodies that came in, in order. */
  readonly calls: JsonObject[];
  /** TLS connections that were made. */
  connections(): number;
  clientConfig(path?: string): JsonObject;
  close(): Promise<void>;
}

/** Starts a webhook. `handler` gets the decoded body and answers; `answerJson` is the usual way. */
export async function startWebhook(handler: WebhookHandler, certificate = LOOPBACK_SERVER): Promise<WebhookServer> {
  const calls: JsonObject[] = [];
  let connections = 0;
  const server = createServer(certificate, (request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const body = parsed(Buffer.concat(parts));
      calls.push(body);
      handler(body, response, request);
    });
  });
  server.on('secureConnection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `https://127.0.0.1:${portOf(server.address())}`;
  return {
    origin,
    calls,
    connections: () => connections,
    clientConfig: (path = '/hook') => ({
      url: `${origin}${path}`,
      caBundle: Buffer.from(FIXTURE_CA).toString('base64'),
    }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function answerJson(response: ServerResponse, value: JsonObject): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(stringify(value));
}

function portOf(address: AddressInfo | string | null): number {
  if (typeof address === 'object' && address !== null) return address.port;
  throw new Error('the fixture listens on a port');
}

function parsed(bytes: Buffer): JsonObject {
  const { value } = parseJson(bytes.toString('utf8'));
  if (!isObject(value)) throw new Error('a webhook is sent an object');
  return value;
}
