/** Annotations by which users make things happen in a stand-in cluster. */

const PREFIX = 'sim-cluster.kcp.io/';

/** On a node, `true`: it falls silent with all its pods, until the annotation is gone. */
export const NODE_DOWN = `${PREFIX}down`;
/** On a pod: each new value makes its containers crash once. */
export const CRASH = `${PREFIX}crash`;
/** On a pod, milliseconds: how long its containers run, where their pod is one that ends (a Job's). */
export const RUN_FOR_MS = `${PREFIX}run-for-ms`;
/** On a pod: the exit code of containers that end. */
export const EXIT_CODE = `${PREFIX}exit-code`;
/** On a pod, milliseconds: how long it takes to start, instead of what the cluster does otherwise. */
export const START_DELAY_MS = `${PREFIX}start-delay-ms`;
/** On a pod, `false`: its containers run but never become ready. */
export const READY = `${PREFIX}ready`;
