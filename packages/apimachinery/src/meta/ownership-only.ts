/**
 * A query parameter of watches that this server adds to Kubernetes' own: with `true` they leave out objects without
 * owners that nobody deletes, and their changes. Of deletions none is left out. Other servers ignore it, so whoever uses
 * it has to bear hearing of everything.
 */
export const OWNERSHIP_ONLY = 'ownershipOnly';
