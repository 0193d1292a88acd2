import type { Clock } from '../clock.js';
import type { Seat } from '../flow-control/flow-control.js';
import type { ApiRequest, ApiResponse } from '../http/exchange.js';
import { SEATED_ANSWER_BYTES_MIN, SEATED_ANSWER_MS_MAX } from '../limits.js';

/** Whether an answer takes so much memory that only so many may wait for their clients. */
export function isLong(response: ApiResponse): boolean {
  if (response.kind === 'stream') return false;
  let bytes = 0;
  for (const { length } of response.body) bytes += length;
  return bytes >= SEATED_ANSWER_BYTES_MIN;
}

/** Leaves a seat when the answer has gone out, or after some time for a client that does not read. */
export function holdSeat(seat: Seat, request: Pick<ApiRequest, 'over'>, clock: Clock): void {
  let held = true;
  const leave = (): void => {
    if (!held) return;
    held = false;
    cancel();
    seat.leave();
  };
  const cancel = clock.after(SEATED_ANSWER_MS_MAX, leave);
  request.over(leave);
}
