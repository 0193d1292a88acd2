import type { UserInfo } from '@kcp/apiserver/authn/user';
import type { ApiHandler } from '@kcp/apiserver/http/exchange';
import { InProcessRequest } from '@kcp/apiserver/http/in-process';
import { BytePipe } from '@kcp/client/transport/byte-pipe';
import type { InProcessHandler } from '@kcp/client/transport/in-process-transport';

/** The handler chain as a function for clients in the same process, who are `user`. Streams come through a pipe. */
export function inProcessHandler(chain: ApiHandler, user: UserInfo): InProcessHandler {
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
