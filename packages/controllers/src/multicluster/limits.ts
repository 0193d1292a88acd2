/** Named limits of the multi-cluster controllers. Units stand last in the names. */

/** Longest kubeconfig that is looked at, in characters. */
export const KUBECONFIG_LENGTH_MAX = 262_144;
/** Pause between two looks at a physical cluster, before jitter. With the timeouts below a loss shows within 10 s. */
export const HEALTH_INTERVAL_MS = 2_000;
/** Up to this part of the pause more, so that many clusters are not asked at once. */
export const HEALTH_JITTER = 0.5;
/** How long a physical cluster may take to say that it lives. */
export const HEALTH_TIMEOUT_MS = 2_500;
/** Looks that must fail one after the other before a cluster counts as lost. */
export const HEALTH_FAILURES = 2;
/** Pause between them. */
export const HEALTH_RETRY_MS = 200;
/** How long one request to a physical cluster may take. */
export const PHYSICAL_REQUEST_MS = 30_000;
/** Longest answer of a physical cluster that is taken whole. */
export const PHYSICAL_ANSWER_BYTES_MAX = 128 * 1024 * 1024;
/** How long it may take to learn the APIs of a physical cluster. */
export const IMPORT_MS = 60_000;
/** Changes of what a physical cluster serves are looked at together. */
export const IMPORT_SETTLE_MS = 200;
/** APIs that are imported of one physical cluster. */
export const IMPORTED_APIS_MAX = 500;
/** Physical clusters whose APIs are imported at the same time. */
export const IMPORTS_AT_ONCE = 4;
/** Imports of one physical cluster that are written at the same time. */
export const IMPORT_WRITES_AT_ONCE = 8;
/** Clusters that are looked after at the same time. */
export const CLUSTERS_AT_ONCE = 8;
/** APIs that are negotiated at the same time. */
export const NEGOTIATIONS_AT_ONCE = 4;
/** Lines of a condition that tells why two schemas do not get along. */
export const INCOMPATIBILITIES_TOLD_MAX = 50;
/** How long a request to a physical cluster may take while a Cluster is cleaned up. */
export const CLEANUP_REQUEST_MS = 10_000;
/** When a watch that a physical cluster refuses is asked for again. */
export const UNWATCHABLE_RETRY_MS = 60_000;
/** How long a connection may take to close. */
export const CLOSE_MS = 1_000;
/** When the Secret of a kubeconfig that could not be watched is watched again. */
export const SECRET_WATCH_RETRY_MS = 5_000;
/** When a Cluster that is deleted but cannot be cleaned up is tried again. */
export const CLEANUP_RETRY_MS = 5_000;
/** How long a syncer may take to be in step with both sides before its cluster is not ready. */
export const SYNCER_PATIENCE_MS = 5_000;
/** How soon a syncer that is not in step yet is looked at again. */
export const SYNCER_LOOK_MS = 250;
/** The same for one that is deployed: its image may have to be fetched. */
export const SYNCER_PULL_PATIENCE_MS = 60_000;
/** When the Deployment of a syncer that could not be watched is watched again. */
export const SYNCER_WATCH_RETRY_MS = 2_000;
/** Pauses before definitions that could not be installed are tried again. */
export const INSTALL_BACKOFF = { initialMs: 100, maxMs: 10_000 };
/** How long the first look at a physical cluster waits for the watches of its APIs. */
export const WATCHED_WITHIN_MS = 1_000;
/** Different schemas of imports that are kept in memory. */
export const IMPORT_SCHEMAS_KEPT_MAX = 200;
