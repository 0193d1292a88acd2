/** Bounds of the conversation with etcd. Times are milliseconds. */

/** A call without an answer after so long has failed; an election takes about one second. */
export const CALL_DEADLINE_MS = 5_000;
/** The same for the question how new the newest revision is, which every read asks … */
export const HEADER_DEADLINE_MS = 1_500;
/** … and after so long, no other member is asked. */
export const HEADER_TOTAL_MS = 4_000;
/** The same for calls that may be many values long. */
export const CALL_TOTAL_MS = 10_000;
/** How long a start waits for the first answer. */
export const OPEN_DEADLINE_MS = 10_000;
/** A start that waits for etcd asks so often. */
export const OPEN_PAUSE_MS = 500;
/** An idle connection is asked for a sign of life so often; etcd refuses clients that ask more than every 5 s … */
export const KEEPALIVE_MS = 6_000;
/** … and is given up when there is none after so long. */
export const KEEPALIVE_TIMEOUT_MS = 2_000;
/** Pauses between attempts to connect, doubling from the first to the last. */
export const RECONNECT_MIN_MS = 100;
export const RECONNECT_MAX_MS = 2_000;
/** Objects of one range request; larger lists are read in several, at one revision. */
export const RANGE_ITEMS_MAX = 5_000;
/** What a page of a snapshot should hold, by the sizes of the page before. */
export const SNAPSHOT_PAGE_BYTES = 8 * 1024 * 1024;
/** How long `close` waits for watches to hear of the last write. */
export const CLOSE_WAIT_MS = 2_000;
/** How often an etcd that was full is asked whether it still is. */
export const SPACE_ALARM_ASK_MS = 1_000;
/** Revisions that etcd tells a watch of at once when it is behind, and how many such parts are read at a time. */
export const HISTORY_PART_REVISIONS = 1_000;
export const HISTORY_PARTS_MAX = 10;
