/** Named limits of the server. Units stand last in the names. */

/** Request bodies, as upstream's `MaxRequestBodyBytes`. */
export const REQUEST_BODY_BYTES_MAX = 3 * 1024 * 1024;
/** Request line and headers on HTTP/1.1, header list on HTTP/2. */
export const REQUEST_HEADER_BYTES_MAX = 64 * 1024;
/** Characters of a path with its query. */
export const REQUEST_TARGET_LENGTH_MAX = 16 * 1024;
/** Streams a client may have open on one HTTP/2 connection, as upstream's default. */
export const HTTP2_STREAMS_MAX = 250;
/** Requests without any credentials that one HTTP/2 connection may have open; more are refused, to be sent again. */
export const HTTP2_ANONYMOUS_STREAMS_MAX = 100;
/**
 * Requests that an HTTP/2 client may take back before it has the whole answer: at once (all that it may have open, twice), and
 * over time. More end the connection with ENHANCE_YOUR_CALM.
 */
export const HTTP2_RESETS_BURST_MAX = 2 * HTTP2_STREAMS_MAX;
export const HTTP2_RESETS_PER_SECOND_MAX = 50;
/** From such a GOAWAY to the end of the connection; nothing is taken on meanwhile. */
export const HTTP2_FAREWELL_MS = 200;
/** Connections at the same time; more are closed at once. */
export const CONNECTIONS_MAX = 16_384;
/** Of these, how many may be without a client certificate: whoever has one still gets in. */
export const CONNECTIONS_UNVERIFIED_MAX = 14_336;
/** Connections up to which more are taken while memory is tight: probes and operators still get in. */
export const CONNECTIONS_TIGHT_MAX = 1_024;
/** From a connection to the head of its first request, as upstream's `ReadHeaderTimeout`. */
export const HTTP_FIRST_REQUEST_MS_MAX = 32_000;
/** A connection without an open request, as upstream's `IdleTimeout`; and while memory is tight. */
export const HTTP_IDLE_MS_MAX = 90_000;
export const HTTP_IDLE_TIGHT_MS_MAX = 2_000;
/** An answer that its client does not read; and while memory is tight. A watch goes on by its resourceVersion. */
export const HTTP_STALL_MS_MAX = 120_000;
export const HTTP_STALL_TIGHT_MS_MAX = 5_000;
/** How often connections are looked at for all of this. */
export const HTTP_SWEEP_MS = 1_000;
/** Answers from this size on are compressed when the client accepts it. */
export const GZIP_BYTES_MIN = 128 * 1024;
/** A part of a long answer that is written at once. */
export const RESPONSE_CHUNK_BYTES = 256 * 1024;
/** How long an ordinary request may take when the client names no shorter time; also the longest it may name. */
export const REQUEST_TIMEOUT_MS = 60_000;
/** A request that is no watch, from its head to the last byte of its answer: the time to work and as much to transfer. */
export const HTTP_EXCHANGE_MS_MAX = 2 * REQUEST_TIMEOUT_MS;
/** How long a read waits for a resourceVersion that is yet to come. */
export const FRESHNESS_WAIT_MS = 3_000;
/** A watch without `timeoutSeconds` ends after this time up to twice this time. */
export const WATCH_TIMEOUT_MS_MIN = 1_800_000;
/** Time between bookmarks of a watch. */
export const BOOKMARK_INTERVAL_MS = 60_000;
/** Bytes that wait for a slow watcher before it is held back by position. */
export const WATCH_BUFFER_BYTES_MAX = 64 * 1024;
/** Attempts of a patch against concurrent writers, as upstream's `maxRetryWhenPatchConflicts`. */
export const PATCH_CONFLICT_RETRIES_MAX = 5;
/** Attempts of an unconditional update against concurrent writers. */
export const UPDATE_CONFLICT_RETRIES_MAX = 100;
/** Attempts at a generated name, as upstream. */
export const GENERATE_NAME_ATTEMPTS_MAX = 8;
/** Characters of a generated name before the random suffix, as upstream. */
export const GENERATED_BASE_LENGTH_MAX = 58;
/** Bytes of all Warning headers of an answer, as upstream. */
export const WARNING_BYTES_MAX = 4_096;
/** A client's own Audit-Id. */
export const AUDIT_ID_LENGTH_MAX = 64;
/** Parsed Accept headers that are remembered. */
export const ACCEPT_CACHE_ENTRIES_MAX = 256;
/** fieldManager, as upstream. */
export const FIELD_MANAGER_LENGTH_MAX = 128;
/** How long open requests may go on after the server was asked to stop. */
export const SHUTDOWN_GRACE_MS = 5_000;
/** An answer of a webhook; a longer one is cut off and counts as failed. Room for a patch that carries a whole object. */
export const WEBHOOK_RESPONSE_BYTES_MAX = 6 * 1024 * 1024;
/**
 * Values in the JSON of an answer, roughly: what takes the parser longest is not bytes. Room for an object as large as a
 * request may be, and little enough for other requests to notice nothing.
 */
export const WEBHOOK_RESPONSE_VALUES_MAX = 200_000;
/** What of an answer that is no Status may stand in an error text, as upstream's `maxUnstructuredResponseTextBytes`. */
export const WEBHOOK_ERROR_TEXT_BYTES_MAX = 2_048;
/** How long an admission webhook may take when its configuration does not say, as upstream. */
export const ADMISSION_TIMEOUT_SECONDS = 10;
/** How long a conversion webhook may take, as upstream. */
export const CONVERSION_TIMEOUT_SECONDS = 30;
/** Stored bytes that go to a conversion webhook in one call; longer lists take several. */
export const CONVERSION_BATCH_BYTES_MAX = 1024 * 1024;
/** Cost that the match conditions of a webhook or policy may have together, as upstream. */
export const CONDITIONS_COST_MAX = 2_500_000;
/** Cost that the expressions of a policy may have together for one set of parameters, as upstream. */
export const POLICY_COST_MAX = 10_000_000;
/** Longest message that an expression may make, as upstream's `MaxEvaluatedMessageExpressionSizeBytes`. */
export const POLICY_MESSAGE_BYTES_MAX = 5 * 1024;
/** Where an audit annotation that an expression made is cut, as upstream. */
export const AUDIT_ANNOTATION_LENGTH_MAX = 10 * 1024;
/** Pools of connections to webhooks, one per CA bundle, as upstream's cache of clients; the oldest goes first. */
export const WEBHOOK_POOLS_MAX = 200;
/** Connections to one webhook host at the same time; calls beyond wait, and their time runs. */
export const WEBHOOK_CONNECTIONS_MAX = 256;
/** Idle connections kept to one webhook host. */
export const WEBHOOK_IDLE_CONNECTIONS_MAX = 8;
/** How long an idle connection to a webhook is kept. */
export const WEBHOOK_IDLE_MS = 30_000;

/** Documents of OpenAPI v3, one for each group version, that are kept ready. */
export const OPENAPI_VERSIONS_BYTES_MAX = 32 * 1024 * 1024;
/** Documents of OpenAPI v2, one for each logical cluster with types of its own, that are kept ready in each encoding. */
export const OPENAPI_V2_BYTES_MAX = 32 * 1024 * 1024;
/** How often a creation is weighed against quotas that others keep charging, as upstream. */
export const QUOTA_ATTEMPTS_MAX = 4;
/** A bearer token that is taken apart. */
export const JWT_BYTES_MAX = 16 * 1024;
/** Service-account tokens whose signature is remembered; the one not used for longest goes first. */
export const TOKEN_CACHE_ENTRIES_MAX = 4_096;
/** Lifetime that a TokenRequest may ask for, in seconds, as upstream. */
export const TOKEN_SECONDS_MIN = 600;
export const TOKEN_SECONDS_MAX = 2 ** 32;
export const TOKEN_SECONDS_DEFAULT = 3_600;
/** Users whose last way to impersonate is remembered, as upstream. */
export const IMPERSONATORS_MAX = 10_000;
/** User-Agent in an audit event, as upstream. */
export const AUDIT_USER_AGENT_LENGTH_MAX = 1_024;
/** Audit events that are written to the log at once in batch mode, and how long the first of them waits. */
export const AUDIT_BATCH_BYTES_MAX = 256 * 1024;
export const AUDIT_BATCH_MS = 1_000;
/** Audit events that go to a webhook in one call, how long they may wait, and how many may; all as upstream. */
export const AUDIT_WEBHOOK_BATCH_EVENTS = 400;
export const AUDIT_WEBHOOK_BATCH_MS = 30_000;
export const AUDIT_WEBHOOK_BUFFER_EVENTS_MAX = 10_000;
/** What a service of the operator's (audit, tokens, authorization, key sets) may take and may answer. */
export const REMOTE_TIMEOUT_MS = 30_000;
export const REMOTE_RESPONSE_BYTES_MAX = 1024 * 1024;
/** How long a turn of the event loop may take before what crowds have sent waits for the next one. */
export const TURN_MS = 2;
/** The same while requests of others are under way: each takes several turns, and none should be long. */
export const TURN_BESIDE_OTHERS_MS = 0.5;
/** A connection with that many requests within two windows of that length is one of a crowd. */
export const BUSY_REQUESTS = 16;
export const BUSY_WINDOW_MS = 50;
/** Requests of busy connections that a turn begins with, while there are more. */
export const REQUESTS_PER_TURN = 64;
/** Requests of busy connections that are begun with before the turn is looked at again. */
export const REQUESTS_PER_STEP = 4;
/** Seats that are given to those who wait before the turn is looked at again. */
export const SEATS_PER_STEP = 8;
/** Requests that are worked on at the same time, in seats, unless the operator says otherwise. */
export const SEATS_DEFAULT = 64;
/** The share of them that one flow may have, so that others go on while its requests are stuck. */
export const FLOW_SEATS_SHARE = 1 / 2;
/** Objects of a list that count for one seat, and the most that one request may take; both as upstream. */
export const OBJECTS_PER_SEAT = 100;
export const SEATS_MAX = 10;
/** An answer of this size keeps its seats until it has gone out, so that answers that wait do not fill memory; this long at the most. */
export const SEATED_ANSWER_BYTES_MIN = 64 * 1024;
export const SEATED_ANSWER_MS_MAX = 5_000;
/** How long a request may wait for its turn, a quarter of the longest request as upstream. */
export const QUEUE_WAIT_MS_MAX = REQUEST_TIMEOUT_MS / 4;
/** Requests that may wait in one priority level, whoever sent them. */
export const LEVEL_WAITING_MAX = 5_000;
/** How long the keys of a foreign issuer count as new, how often it is asked at the most, and how many keys it may have. */
export const ISSUER_KEYS_FRESH_MS = 5 * 60_000;
export const ISSUER_KEYS_RETRY_MS = 10_000;
export const ISSUER_KEYS_MAX = 100;
/** Answers of webhooks for tokens and authorization that are remembered. */
export const REVIEW_CACHE_ENTRIES_MAX = 4_096;
/**
 * Shares of the memory that there is (of V8's heap, and of the container) from which on work is refused: first what takes
 * more of it, then everything but probes.
 */
export const MEMORY_TIGHT_SHARE = 0.8;
export const MEMORY_FULL_SHARE = 0.9;
/** How often memory is looked at. */
export const MEMORY_SAMPLE_MS = 100;
/** When a client that was refused for want of memory may come again. */
export const MEMORY_RETRY_SECONDS = 5;
/** How long the thread that reads long YAML stays without work. */
export const YAML_THREAD_IDLE_MS = 10_000;
/**
 * How long nothing may go over a connection on which a client should answer or read, though it was pinged. A slow reader's
 * answer to a ping stands behind the megabytes that its system has taken already.
 */
export const HTTP_SILENT_MS_MAX = 30_000;
/** Bytes of a body that count for one seat: what is read, parsed and checked takes memory in proportion. */
export const BODY_BYTES_PER_SEAT = 128 * 1024;
/** What a client may send of one body before somebody reads it, as upstream: a request that waits holds no more. */
export const STREAM_WINDOW_BYTES = 256 * 1024;
