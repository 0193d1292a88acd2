/** Bounds of a connection that speaks gRPC. */

/** How often a connection looks at its clock, in milliseconds: deadlines and silence are counted in these. */
export const TICK_MS = 100;
/** How long a connection may take until the server greets, in milliseconds. */
export const GREETING_WAIT_MS = 3_000;
/** An attempt to connect waits so long after one that failed, doubling from the first to the last; milliseconds. */
export const RECONNECT_MIN_MS = 100;
export const RECONNECT_MAX_MS = 2_000;
/** The longest payload of a frame that we take, which is the least that a client may allow (RFC 9113 §4.2). */
export const FRAME_BYTES_MAX = 16_384;
/** What a server may send on one stream, and on all together, before it hears that we have read it (RFC 9113 §5.2). */
export const STREAM_WINDOW_BYTES = 4 * 1024 * 1024;
export const CONNECTION_WINDOW_BYTES = 16 * 1024 * 1024;
/** Header fields of one answer, and how long their names and values together are once unpacked. */
export const HEADER_BLOCK_BYTES_MAX = 64 * 1024;
/** Header blocks that are remembered with their meaning; nearly all answers have one of two. */
export const KNOWN_BLOCKS_MAX = 64;
/** The longest message of either side. */
export const MESSAGE_BYTES_MAX = 0x7fff_ffff;
/** The last stream that a connection may open; after it comes another connection. */
export const STREAM_ID_MAX = 0x7fff_ffff;
/** Streams at a time until the server says how many it takes. */
export const STREAMS_BEFORE_SETTINGS = 100;
