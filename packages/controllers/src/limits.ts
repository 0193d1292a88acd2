/** Named limits of the controllers. Units stand last in the names. */

/** How long a reconciliation may go on after its controller was told to stop. */
export const STOP_GRACE_MS = 2_000;
/** Namespaces that are emptied, and definitions that are cleaned up, at the same time. */
export const DELETIONS_AT_ONCE = 4;
/** Groups of definitions whose names are settled at the same time. */
export const GROUPS_AT_ONCE = 4;
/** Types of one namespace that are emptied at the same time. */
export const TYPES_AT_ONCE = 8;
/** Objects that are deleted one by one at the same time, of types without deletecollection. */
export const OBJECTS_AT_ONCE = 16;
/** Watches that wait for what holds up a deletion. Beyond it, deletions look again after STUCK_RETRY_MS. */
export const DEPARTURE_WATCHES_MAX = 200;
/** When a deletion that is held up looks again although no watch told it to. */
export const STUCK_RETRY_MS = 60_000;
/** When the conditions of a definition say that its objects do not go, as upstream. */
export const INSTANCE_PATIENCE_MS = 60_000;
/** Changes of what holds up a deletion are looked at together. */
export const STUCK_CHANGE_MS = 1_000;
/** Different definitions whose digest is shared among logical clusters; the least recently used one goes first. */
export const DIGESTS_SHARED_MAX = 2_000;

/** Admission policies that are checked at the same time. */
export const POLICIES_AT_ONCE = 2;
/** Pause before the types of the server are asked for again. */
export const DISCOVERY_RETRY_MS = 1_000;
/** Objects that the garbage collector looks at or deletes at the same time. */
export const COLLECTIONS_AT_ONCE = 32;
/** How often a dependent that others keep changing is freed of its owner's name, before the whole is tried again. */
export const ORPHAN_ATTEMPTS_MAX = 5;
/** Aggregated roles that are filled at the same time. */
export const AGGREGATIONS_AT_ONCE = 4;
/** Namespaces that are given their service account, or their certificates, at the same time. */
export const FIXTURES_AT_ONCE = 8;
/** Secrets for tokens that are filled at the same time. */
export const TOKENS_AT_ONCE = 4;
/** Quotas that are counted at the same time. */
export const QUOTAS_AT_ONCE = 4;
/** A quota that was not charged for so long is counted once more. */
export const QUOTA_SETTLE_MS = 1_000;
/** Signing requests that are answered at the same time. */
export const REQUESTS_AT_ONCE = 4;
/** When a request that nobody decides on is cleaned away, as upstream. */
export const PENDING_REQUEST_MS = 24 * 60 * 60 * 1_000;
/** When a request that was issued, denied or failed is cleaned away, as upstream. */
export const SETTLED_REQUEST_MS = 60 * 60 * 1_000;
/** How long certificates last that are signed on request, as upstream. */
export const CERTIFICATE_MS_MAX = 365 * 24 * 60 * 60 * 1_000;
export const CERTIFICATE_MS_MIN = 10 * 60 * 1_000;
/** How far the clocks of others may be behind ours. */
export const CERTIFICATE_BACKDATE_MS = 5 * 60 * 1_000;
/** Events that are swept at the same time. */
export const EVENTS_AT_ONCE = 8;
/** How long Events last, as upstream. */
export const EVENT_LIFE_MS = 60 * 60 * 1_000;
