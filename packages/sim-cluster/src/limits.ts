/** Named limits of the stand-in cluster. Units stand last in the names. */

/** Objects of one kind that are reconciled at the same time. */
export const RECONCILIATIONS_AT_ONCE = 8;
/** Pods that one owner makes or ends at the same time. */
export const PODS_AT_ONCE = 16;
/** Pods that are bound at the same time. */
export const BINDINGS_AT_ONCE = 16;
/** Pods whose status is written at the same time, over all nodes. */
export const STATUSES_AT_ONCE = 16;
/** Pods of one node, as upstream's kubelet. */
export const PODS_PER_NODE_MAX = 110;
/** How often a node says that it is there, as upstream's kubelet. */
export const HEARTBEAT_MS = 10_000;
/** How long a node may be silent before it counts as lost, as upstream. */
export const NODE_GRACE_MS = 40_000;
/** How long a container waits before it is started again; doubles up to the maximum. */
export const RESTART_BACKOFF_MS = 1_000;
export const RESTART_BACKOFF_MS_MAX = 300_000;
/** What a program may take to end after it was told to. */
export const PROGRAM_GRACE_MS = 5_000;
/** Lines of a program's output that are kept for its log. */
export const LOG_LINES_MAX = 1_000;
