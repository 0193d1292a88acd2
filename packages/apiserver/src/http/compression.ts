import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { GZIP_BYTES_MIN } from '../limits.js';
import type { ApiRequest, ApiResponse } from './exchange.js';

const compress = promisify(gzip);
/** Long lists are repetitive: the fastest level takes most of what there is to take. */
const LEVEL = 1;

/** Compresses a long answer for a client that accepts it. */
export async function compressed(request: ApiRequest, response: ApiResponse): Promise<ApiResponse> {
  if (response.kind === 'stream' || response.headers['content-encoding'] !== undefined) return response;
  const bytes = response.body.reduce((sum, { length }) => sum + length, 0);
  if (bytes < GZIP_BYTES_MIN || !acceptsGzip(request.header('accept-encoding'))) return response;
  const body = await compress(Buffer.concat(response.body), { level: LEVEL });
  const headers = { ...response.headers, 'content-encoding': 'gzip', vary: 'Accept-Encoding' };
  return { ...response, headers, body: [body] };
}

function acceptsGzip(header: string | undefined): boolean {
  return (
    header !== undefined && /(^|[\s,])gzip($|[\s,;])/.test(header) && !/gzip\s*;\s*q=0(\.0*)?($|[\s,])/.test(header)
  );
}
