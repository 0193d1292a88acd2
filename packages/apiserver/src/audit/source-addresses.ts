import { isIP } from 'node:net';
import type { ApiRequest } from '../http/exchange.js';

const LOOPBACK = '127.0.0.1';

/** Where a request says it came from, nearest last, and where it came from in truth (upstream's `SourceIPs`). */
export function sourceAddresses(request: ApiRequest): string[] {
  const { peer } = request;
  const remote = peer.kind === 'tls' ? peer.address : LOOPBACK;
  const forwarded = (request.header('x-forwarded-for') ?? '')
    .split(',')
    .map((text) => text.trim())
    .filter((text) => isIP(text) !== 0);
  const real = request.header('x-real-ip')?.trim() ?? '';
  const claimed = isIP(real) !== 0 && !forwarded.includes(real) ? [...forwarded, real] : forwarded;
  return remote === '' || claimed.at(-1) === remote ? claimed : [...claimed, remote];
}
