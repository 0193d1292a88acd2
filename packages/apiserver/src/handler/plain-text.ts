import type { BytesResponse } from '../http/exchange.js';

/** An answer for people and probes. */
export function plainText(status: number, text: string): BytesResponse {
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };
  return { kind: 'bytes', status, headers, body: [Buffer.from(text, 'utf8')] };
}
