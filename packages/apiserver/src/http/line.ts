import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { Line } from './life-signs.js';

/** An HTTP/2 session and the socket below it. */
export function lineOf(session: ServerHttp2Session, socket: Socket): Line {
  let pinging = false;
  const answered = (): void => {
    pinging = false;
  };
  return {
    isReset: () => isReset(socket),
    traffic: () => `${socket.bytesRead} ${written(socket)} ${session.state.remoteWindowSize ?? 0}`,
    ping: () => {
      if (!pinging) pinging = session.ping(answered);
    },
  };
}

/**
 * A socket that was reset has no other end any more: the system knows, whoever it told. Node.js does not document the
 * handle; where there is none, nothing is known.
 */
function isReset(socket: Socket): boolean {
  const handle: unknown = Reflect.get(socket, '_handle');
  if (typeof handle !== 'object' || handle === null) return false;
  const ask: unknown = Reflect.get(handle, 'getpeername');
  return typeof ask === 'function' && Reflect.apply(ask, handle, [{}]) !== 0;
}

/** Bytes that have left for the system, and those that wait for it. */
function written(socket: Socket): string {
  const handle: unknown = Reflect.get(socket, '_handle');
  if (typeof handle !== 'object' || handle === null) return '';
  return `${Reflect.get(handle, 'bytesWritten')} ${Reflect.get(handle, 'writeQueueSize')}`;
}
