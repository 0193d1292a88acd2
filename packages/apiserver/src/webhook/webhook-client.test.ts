import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { systemClock } from '../clock.js';
import { WEBHOOK_RESPONSE_BYTES_MAX } from '../limits.js';
import type { AddressPolicy } from './address-policy.js';
import { WebhookCallError } from './call-error.js';
import { LOOPBACK_SERVER, OTHER_SERVER } from './testing/certificates.fixture.js';
import { answerJson, startWebhook, type WebhookServer } from './testing/webhook-server.fixture.js';
import { WebhookClient } from './webhook-client.js';
import { webhookTarget } from './webhook-target.js';

type Answer = (response: ServerResponse) => void;

const text =
  (code: number, body: string, contentType = 'text/plain'): Answer =>
  (response) => {
    response.writeHead(code, { 'content-type': contentType });
    response.end(body);
  };

/** What the webhook does by the path it is called at. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  '/fine': (response) => answerJson(response, { fine: true }),
  '/hang': () => undefined,
  '/close': (response) => response.socket?.destroy(),
  '/half': (response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('abc', () => response.socket?.destroy());
  },
  '/slow': (response) => response.writeHead(200).write('{'),
  '/endless': (response) => {
    response.writeHead(200);
    const chunk = Buffer.alloc(256 * 1024, 0x20);
    const more = (): void => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  },
  '/moved': (response) => response.writeHead(302, { location: '/fine' }).end(),
  '/moved307': (response) => response.writeHead(307, { location: '/fine' }).end(),
  '/empty': text(200, '', 'application/json'),
  '/nothing': text(204, '', 'application/json'),
  '/missing': text(404, '404 page not found'),
  '/boom': text(500, 'boom'),
  '/boom-json': text(500, '{"a":1}', 'application/json'),
  '/status': text(500, '{"kind":"Status","status":"Failure","message":"no way"}', 'application/json'),
  '/gateway': text(502, '<b>bad\ngateway</b>', 'text/html'),
  '/forbidden': text(403, 'nope'),
  '/teapot': text(418, 'short and stout'),
};

/** Texts that client-go 0.36 gave for the same answers; `$` stands for the webhook's origin. */
const FAILURES: Readonly<Record<string, string>> = {
  '/hang': 'Post "$/hang?timeout=1s": context deadline exceeded',
  '/close': 'Post "$/close?timeout=1s": EOF',
  '/slow': 'unexpected error when reading response body. Please retry. Original error: context deadline exceeded',
  '/half': 'unexpected error when reading response body. Please retry. Original error: unexpected EOF',
  '/moved': 'the server responded with the status code 302 but did not return more information',
  '/moved307': 'the server responded with the status code 307 but did not return more information',
  '/empty': '0-length response with status code: 200 and content type: application/json',
  '/nothing': '0-length response with status code: 204 and content type: application/json',
  '/missing': 'the server could not find the requested resource',
  '/boom': 'an error on the server ("boom") has prevented the request from succeeding',
  '/boom-json': 'an error on the server ("unknown") has prevented the request from succeeding',
  '/status': 'no way',
  '/gateway': 'an error on the server ("<b>bad\\ngateway</b>") has prevented the request from succeeding',
  '/forbidden': 'nope',
  '/teapot': 'the server responded with the status code 418 but did not return more information',
};

describe('calling a webhook', () => {
  let server: WebhookServer;
  const client = new WebhookClient({ clock: systemClock });

  before(async () => {
    server = await startWebhook((_body, response, request) => {
      const path = request.url?.replace(/\?.*/, '') ?? '';
      ANSWERS[path]?.(response);
    });
  });
  after(async () => {
    client.close();
    await server.close();
  });

  const call = (path: string, using = client, signal?: AbortSignal): Promise<Buffer> =>
    using.post(webhookTarget(server.clientConfig(path)), Buffer.from('{"asked":true}'), {
      timeoutSeconds: 1,
      ...(signal === undefined ? {} : { signal }),
    });

  const failure = async (promise: Promise<Buffer>): Promise<string> => {
    try {
      await promise;
    } catch (error) {
      assert.ok(error instanceof WebhookCallError, String(error));
      return error.message.replaceAll(server.origin, '$');
    }
    throw new Error('the call should have failed');
  };

  it('sends JSON and returns the body of the answer', async () => {
    assert.equal((await call('/fine')).toString(), '{"fine":true}');
    assert.deepEqual(server.calls.at(-1), { asked: true });
  });

  it('keeps connections between calls', async () => {
    await call('/fine');
    const made = server.connections();
    for (let i = 0; i < 5; i++) await call('/fine');
    assert.equal(server.connections(), made);
  });

  for (const [path, expected] of Object.entries(FAILURES)) {
    it(`${path.startsWith('/moved') ? 'CVE-2022-3172, CVE-2020-8561: ' : ''}fails in upstream's words at ${path}`, async () =>
      assert.equal(await failure(call(path)), expected));
  }

  it('cuts an endless answer off and keeps no more than the limit', async () => {
    const expected = `Original error: the response is larger than ${WEBHOOK_RESPONSE_BYTES_MAX} bytes`;
    assert.match(await failure(call('/endless')), new RegExp(expected));
  });

  it('does not wait for a webhook when the client has gone', async () => {
    const gone = new AbortController();
    const promise = call('/hang', client, gone.signal);
    setTimeout(() => gone.abort(), 20);
    assert.equal(await failure(promise), 'Post "$/hang?timeout=1s": context canceled');
  });

  it('answers others while one webhook hangs', async () => {
    const hanging = Array.from({ length: 20 }, () => failure(call('/hang')));
    assert.equal((await call('/fine')).toString(), '{"fine":true}');
    await Promise.all(hanging);
  });

  it('trusts only the authorities of its bundle', async () => {
    const { caBundle: _, ...config } = server.clientConfig('/fine');
    const promise = client.post(webhookTarget(config), Buffer.from('{}'), { timeoutSeconds: 1 });
    const why = 'tls: failed to verify certificate: x509: certificate signed by unknown authority';
    assert.equal(await failure(promise), `Post "$/fine?timeout=1s": ${why}`);
  });

  it('believes the very certificate of a server that its bundle holds, as Go does', async () => {
    const caBundle = Buffer.from(LOOPBACK_SERVER.cert).toString('base64');
    const target = webhookTarget({ ...server.clientConfig('/fine'), caBundle });
    assert.equal((await client.post(target, Buffer.from('{}'), { timeoutSeconds: 1 })).toString(), '{"fine":true}');
  });

  it('calls the path that is meant, as servers may redirect from any other', () => {
    for (const [url, address] of [
      ['https://127.0.0.1:1234//fine', 'https://127.0.0.1:1234/fine'],
      ['https://127.0.0.1:1234/a//b/../c/', 'https://127.0.0.1:1234/a/c'],
      ['https://127.0.0.1:1234', 'https://127.0.0.1:1234/'],
    ] as const) {
      assert.equal(webhookTarget({ url }).address, address);
    }
    const service = { namespace: 'ops', name: 'hooks', path: 'p/' };
    assert.equal(webhookTarget({ service }).address, 'https://hooks.ops.svc:443/p');
  });

  it('wants the certificate to name the host', async () => {
    const other = await startWebhook((_body, response) => answerJson(response, {}), OTHER_SERVER);
    const promise = client.post(webhookTarget(other.clientConfig()), Buffer.from('{}'), { timeoutSeconds: 1 });
    const why = "x509: cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs";
    assert.match(await failure(promise), new RegExp(why));
    await other.close();
  });

  it('says when nobody listens, when a name is unknown and when the server speaks no TLS', async () => {
    const post = (url: string): Promise<string> =>
      failure(client.post(webhookTarget({ url }), Buffer.from('{}'), { timeoutSeconds: 1 }));
    const refused = 'Post "https://127.0.0.1:1/x?timeout=1s": dial tcp 127.0.0.1:1: connect: connection refused';
    assert.equal(await post('https://127.0.0.1:1/x'), refused);
    const plain = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const address = plain.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    assert.match(await post(`https://127.0.0.1:${port}/x`), /http: server gave HTTP response to HTTPS client$/);
    plain.close();
  });

  it('answers for Services as for one that is not there', async () => {
    const service = { namespace: 'ops', name: 'hooks', path: '/p' };
    const promise = client.post(webhookTarget({ service }), Buffer.from('{}'), { timeoutSeconds: 10 });
    assert.equal(await failure(promise), 'Post "https://hooks.ops.svc:443/p?timeout=10s": service "hooks" not found');
  });

  it('CVE-2020-8562: can be told to refuse private addresses, also behind names', async () => {
    const addresses: AddressPolicy = 'public';
    const careful = new WebhookClient({ clock: systemClock, addresses });
    assert.match(await failure(call('/fine', careful)), /dial tcp 127\.0\.0\.1: webhooks at private addresses/);
    const url = server.origin.replace('127.0.0.1', 'localhost');
    const named = careful.post(webhookTarget({ url }), Buffer.from('{}'), { timeoutSeconds: 1 });
    assert.match(await failure(named), /webhooks at private addresses are not allowed/);
    careful.close();
  });
});
