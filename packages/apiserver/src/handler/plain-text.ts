import type { BytesResponse } from '../http/exchange.js';

/** An answer for people and probes. */
export function plainText(status: number, text: string, type = 'text/plain; charset=utf-8'): BytesResponse {
  const headers = { 'content-type': type, 'x-content-type-options': 'nosniff' };
  return { kind: 'bytes', status, headers, body: [Buffer.from(text, 'utf8')] };
}
