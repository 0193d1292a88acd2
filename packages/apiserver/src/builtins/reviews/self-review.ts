import { formatTime } from '../../clock.js';
import { reviewType } from './review-type.js';
import { AUTHENTICATION, userInfoOf } from './user-info.js';

/** Asks who the asking user is. */
export const SELF_SUBJECT_REVIEWS = reviewType({
  ...AUTHENTICATION,
  kind: 'SelfSubjectReview',
  answer: ({ apiVersion, kind }, { user, now }) => ({
    apiVersion,
    kind,
    metadata: { creationTimestamp: formatTime(now) },
    status: { userInfo: userInfoOf(user) },
  }),
});
