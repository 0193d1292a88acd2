import type { ApiResponse } from '../http/exchange.js';
import type { RequestInfo } from '../request/request-info.js';

/** Watches requests go by, for metrics. */
export interface RequestObserver {
  begin(method: string): RequestObservation;
}

export interface RequestObservation {
  /** The request has been understood. */
  is(info: RequestInfo): void;
  end(response: ApiResponse): void;
}
