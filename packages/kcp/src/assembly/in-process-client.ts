import { ALL_CLUSTERS } from '@kcp/apimachinery/meta/cluster-name';
import { authenticated, MASTERS_GROUP, type UserInfo } from '@kcp/apiserver/authn/user';
import type { Clock } from '@kcp/apiserver/clock';
import type { ApiHandler } from '@kcp/apiserver/http/exchange';
import { InProcessRequest } from '@kcp/apiserver/http/in-process';
import { Client } from '@kcp/client/rest/client';
import { BytePipe } from '@kcp/client/transport/byte-pipe';
import { type InProcessHandler, InProcessTransport } from '@kcp/client/transport/in-process-transport';
import type { AssembledServer } from './assemble-server.js';

/** A client of a server in the same process, over all logical clusters: no socket and no TLS, but everything else. */
export function inProcessClient(server: AssembledServer, user: UserInfo, clock: Clock, userAgent: string): Client {
  const transport = new InProcessTransport(inProcessHandler(server.chain, user));
  return new Client({ transport, scope: ALL_CLUSTERS, clock, random: Math.random, userAgent });
}

/** Somebody who may do everything. */
export function mastersUser(name: string): UserInfo {
  return authenticated({ name, uid: '', groups: [MASTERS_GROUP], extra: {} });
}

/** The handler chain as a function for clients who are `user`. Streams come through a pipe. */
function inProcessHandler(chain: ApiHandler, user: UserInfo): InProcessHandler {
  return async (call) => {
    const response = await chain.handle(new InProcessRequest(call, user));
    const { status, headers } = response;
    if (response.kind === 'bytes') return { status, headers, body: joined(response.body) };
    const pipe = new BytePipe();
    const cancel = () => pipe.cancel();
    call.signal.addEventListener('abort', cancel, { once: true });
    pipe.onClose(() => call.signal.removeEventListener('abort', cancel));
    if (call.signal.aborted) pipe.cancel();
    response.run(pipe);
    return { status, headers, body: pipe };
  };
}

function joined(parts: readonly Buffer[]): Buffer {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
}
