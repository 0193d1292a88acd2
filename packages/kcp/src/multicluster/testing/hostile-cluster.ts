import { once } from 'node:events';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { ensureCertificates } from '../../certificates/ensure-certificates.js';
import { adminKubeconfig } from '../../kubeconfig/server-kubeconfigs.js';

export interface HostileCluster {
  readonly kubeconfig: string;
  close(): void;
}

/** Something that speaks HTTPS and answers as `answer` likes, or not at all. */
export async function startHostile(
  answer: (request: Http2ServerRequest, response: Http2ServerResponse) => void,
): Promise<HostileCluster> {
  const own = ensureCertificates({ directory: undefined, names: ['127.0.0.1'], now: Date.now() });
  const server = createSecureServer({ cert: own.serving.certificate, key: own.serving.key }, answer);
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const serverUrl = `https://127.0.0.1:${port}`;
  return {
    kubeconfig: adminKubeconfig({ serverUrl, trusted: own.authority, client: own.admin }),
    close() {
      for (const session of sessions) session.destroy();
      server.close();
    },
  };
}

/** Answers with JSON. */
export function sendJson(response: Http2ServerResponse, body: string, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body);
}
