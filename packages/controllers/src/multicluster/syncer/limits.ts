/** Named limits of a syncer. Units stand last in the names. */

/** Objects that one syncer works on at the same time. */
export const SYNCS_AT_ONCE = 32;
/** Requests that one syncer sends to one side, on average and in a burst. */
export const SIDE_REQUESTS_PER_SECOND = 2_000;
export const SIDE_REQUESTS_BURST = 500;
/** How long one request may take. */
export const SYNC_REQUEST_MS = 30_000;
/** Requests that one signal may call off at the same time: those of all workers, and of the types of a namespace. */
export const SIGNAL_LISTENERS_MAX = 100;
/** How long a question whether a side answers at all may take. */
export const PROBE_MS = 5_000;
/** Pauses between such questions. */
export const PROBE_BACKOFF = { initialMs: 200, maxMs: 3_000 };
/** How long a namespace of ours must have been without objects of ours before it goes. */
export const NAMESPACE_IDLE_MS = 1_000;
/** When a namespace that others still use is looked at again. */
export const NAMESPACE_RETRY_MS = 10_000;
/** Namespaces that are looked at at the same time. */
export const NAMESPACES_AT_ONCE = 2;
/** Types of a namespace that are looked at at the same time. */
export const NAMESPACE_TYPES_AT_ONCE = 8;
/** Objects from which finalizers are taken at the same time. */
export const RELEASES_AT_ONCE = 16;
/** Field paths that may be synced upwards of one object. */
export const SYNC_UP_PATHS_MAX = 20;
/** When a syncer looks for objects that it once held and that are no longer assigned to it. */
export const STRAYS_AFTER_MS = 2_000;
