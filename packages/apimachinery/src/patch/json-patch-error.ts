/**
 * Why a JSON patch was refused. `malformed`: it is no list of RFC 6902 operations (upstream: 400); `missing-path`,
 * `test-failed` and `unknown-operation`: it is one, but does not fit the document (upstream: 422, with a generic text); `too-many-operations`
 * and `copy-too-large`: a limit (upstream: 413).
 */
export type JsonPatchProblem =
  | 'malformed'
  | 'missing-path'
  | 'test-failed'
  | 'unknown-operation'
  | 'too-many-operations'
  | 'copy-too-large';

export class JsonPatchError extends Error {
  readonly problem: JsonPatchProblem;

  constructor(problem: JsonPatchProblem, message: string) {
    super(message);
    this.name = 'JsonPatchError';
    this.problem = problem;
  }
}

export function missingPath(operation: string, path: string): JsonPatchError {
  return new JsonPatchError('missing-path', `${operation} operation does not apply: doc is missing path: "${path}"`);
}
