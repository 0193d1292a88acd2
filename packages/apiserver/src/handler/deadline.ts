import { newBadRequest, newTimeout } from '@kcp/apimachinery/errors/status-error';
import type { Clock } from '../clock.js';
import type { ApiRequest, ApiResponse } from '../http/exchange.js';
import { REQUEST_TIMEOUT_MS } from '../limits.js';
import type { RequestInfo } from '../request/request-info.js';

const DURATION = /^(?:(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h))+$/;
const PART = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g;
const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * Runs a request within its time: what `?timeout=` says, at the most the server's own limit. Watches have a time of
 * their own. Throws 400 for what is no duration, 504 when the time is over.
 */
export function requestDeadline(
  clock: Clock,
  request: ApiRequest,
  info: RequestInfo,
  run: (request: ApiRequest) => Promise<ApiResponse>,
): Promise<ApiResponse> {
  const text = info.query.get('timeout');
  if (info.target?.verb === 'watch') return run(request);
  if (text === '') return run(request);
  const asked = parseDuration(text);
  const limit = asked > 0 && asked < REQUEST_TIMEOUT_MS ? asked : REQUEST_TIMEOUT_MS;
  return bounded(clock, request, limit, run);
}

async function bounded(
  clock: Clock,
  request: ApiRequest,
  limitMs: number,
  run: (request: ApiRequest) => Promise<ApiResponse>,
): Promise<ApiResponse> {
  const over = new AbortController();
  const late = newTimeout('request did not complete within the allotted timeout', 0);
  const signal = AbortSignal.any([request.signal, over.signal]);
  let cancel: () => void = () => {};
  const expired = new Promise<never>((_resolve, reject) => {
    cancel = clock.after(limitMs, () => {
      over.abort(late);
      reject(late);
    });
  });
  try {
    return await Promise.race([run(withSignal(request, signal)), expired]);
  } finally {
    cancel();
  }
}

function withSignal(request: ApiRequest, signal: AbortSignal): ApiRequest {
  return {
    method: request.method,
    target: request.target,
    peer: request.peer,
    signal,
    header: (name) => request.header(name),
    headersWith: (prefix) => request.headersWith(prefix),
    body: (maxBytes) => request.body(maxBytes),
    over: (listener) => request.over(listener),
  };
}

/** Go's duration syntax, in milliseconds. */
function parseDuration(text: string): number {
  if (text === '0') return 0;
  // Less than nothing is as good as nothing.
  if (text.startsWith('-') && DURATION.test(text.slice(1))) return 0;
  if (!DURATION.test(text))
    throw newBadRequest(
      `invalid timeout specified in the request URL - time: invalid duration ${JSON.stringify(text)}`,
    );
  let sum = 0;
  for (const [, amount = '0', unit = 's'] of text.matchAll(PART)) sum += Number(amount) * (UNIT_MS[unit] ?? 0);
  return sum;
}
