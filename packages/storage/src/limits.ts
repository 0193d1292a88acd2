/** Every bound of this package, in one place. Sizes are bytes, times are milliseconds unless the name says otherwise. */

/** Largest value of one key. Upstream's etcd takes requests of 1.5 MiB; the rest leaves room for the key. */
export const VALUE_BYTES_MAX = 1.5 * 1024 * 1024 + 16 * 1024;
/** Longest key in UTF-8. LMDB takes 1,978 bytes; the longest lawful object key has about 800. */
export const KEY_BYTES_MAX = 1_900;

/** Default number of changes that stay watchable, also over a restart. */
export const HISTORY_ENTRIES_MAX = 50_000;
/** Default age up to which changes stay watchable; upstream compacts every five minutes. */
export const HISTORY_AGE_MS = 5 * 60 * 1_000;
/** Default size of the previous values kept for watches and old lists. */
export const HISTORY_BYTES_MAX = 256 * 1024 * 1024;
/** A mark of the history's age covers at most so many changes … */
export const HISTORY_MARK_ENTRIES = 256;
/** … or so much time. */
export const HISTORY_MARK_MS = 1_000;
/** Forgotten changes that one commit removes from disk, besides as many as twice its own writes. */
export const TRIM_STEP_ENTRIES = 64;
/** Forgotten changes that one commit removes while `compact` waits for it. */
export const COMPACT_STEP_ENTRIES = 2_000;

/** Objects that a snapshot reads at once. */
export const SNAPSHOT_PAGE_ITEMS = 1_000;
/** Objects that one commit of a restore writes. */
export const RESTORE_BATCH_ITEMS = 2_000;

/** Values that are written to a store at the same time when it is filled. */
export const FILL_WINDOW = 128;

/** Objects that the watch cache reads at once when it loads a resource. */
export const LOAD_PAGE_ITEMS = 5_000;
/** A cache that lost events and finds its store unavailable tries again after so long. */
export const REBUILD_PAUSE_MS = 250;
/** Default number of changes that one resource's history holds. */
export const RING_EVENTS_MAX = 16_384;
/** Default size of the objects that one resource's history keeps alive. */
export const RING_BYTES_MAX = 32 * 1024 * 1024;
/** Changes of resources that nobody has asked for yet, kept so that their watchers can resume. */
export const PARKED_EVENTS_MAX = 10_000;
export const PARKED_BYTES_MAX = 16 * 1024 * 1024;
/** Old states of one resource that stay readable for paged lists, whatever the history holds. */
export const PINNED_VIEWS_MAX = 16;
/** How often watchers hear of their progress. One timer for the whole cache. */
export const PROGRESS_INTERVAL_MS = 10_000;
/** How far a restore moves the revision on; a server at full load writes so much in days. */
export const RESTORE_REVISION_BUMP = 1_000_000_000;
