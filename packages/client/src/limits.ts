/** Named limits of the client. Units stand last in the names. */

/** Objects of one page when a whole collection is read, as client-go's pager. */
export const LIST_PAGE_OBJECTS = 500;
/** Times a request is sent again when the server asks to come back later. */
export const RETRIES_MAX = 10;
/** The longest time that a server may tell us to wait. */
export const RETRY_AFTER_MS_MAX = 60_000;
/** One line of a watch: an object and its envelope. */
export const WATCH_FRAME_BYTES_MAX = 64 * 1024 * 1024;
/** Waits between attempts of a watch that is lost or refused, as client-go's reflector. */
export const WATCH_BACKOFF = { initialMs: 800, maxMs: 30_000 };
/** The first loss of a working watch is mended at once: servers end watches all the time. */
export const WATCH_RESUME_MS = 0;
/** Waits before a key is tried again, doubling from its first failure. */
export const QUEUE_BACKOFF = { initialMs: 5, maxMs: 300_000 };
/** Upstream's defaults for a lease. */
export const LEASE_DURATION_MS = 15_000;
export const LEASE_RENEW_DEADLINE_MS = 10_000;
export const LEASE_RETRY_PERIOD_MS = 2_000;
/** How long a token is used before its file is read again, as client-go. */
export const TOKEN_FILE_MS = 60_000;
