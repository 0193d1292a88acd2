import { hasReason } from '@kcp/apimachinery/errors/status-error';

/** The answer to a request about an object; undefined when the object is not there (any more). */
export async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (hasReason(error, 'NotFound')) return undefined;
    throw error;
  }
}
