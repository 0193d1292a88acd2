/** Named limits of the deployment splitter. Units stand last in the names. */

/** Roots that are looked at at the same time. */
export const ROOTS_AT_ONCE = 8;
/** Longest value of a label. */
export const LABEL_LENGTH_MAX = 63;
/** Letters of a digest that tell names apart that were cut short. */
export const LABEL_DIGEST_LENGTH = 8;
/** Most replicas of a Deployment that are distributed. */
export const REPLICAS_MAX = 2_147_483_647;
