import { plainText } from '../handler/plain-text.js';
import type { ApiRequest, ApiResponse } from '../http/exchange.js';
import type { RequestInfo } from '../request/request-info.js';

/** One thing that has to be in order; undefined when it is, else what is wrong. */
export interface HealthCheck {
  readonly name: string;
  check(): string | undefined;
}

/** Which checks each endpoint makes. */
export interface HealthChecks {
  readonly livez: readonly HealthCheck[];
  /** Also everything of livez. */
  readonly readyz: readonly HealthCheck[];
  /** Told of failures; clients see no reasons. */
  readonly onFailure: (endpoint: string, check: string, reason: string) => void;
}

/** Answers `/healthz`, `/livez`, `/readyz` and each check below them, in upstream's form. */
export class HealthHandler {
  readonly #endpoints: ReadonlyMap<string, readonly HealthCheck[]>;
  readonly #onFailure: HealthChecks['onFailure'];

  constructor({ livez, readyz, onFailure }: HealthChecks) {
    this.#endpoints = new Map([
      ['healthz', livez],
      ['livez', livez],
      ['readyz', [...livez, ...readyz]],
    ]);
    this.#onFailure = onFailure;
  }

  handle(_request: ApiRequest, info: RequestInfo): ApiResponse | undefined {
    const [endpoint = '', ...parts] = info.path.split('/').filter((part) => part !== '');
    const checks = this.#endpoints.get(endpoint);
    if (checks === undefined) return undefined;
    // Names of checks may have slashes in them, as `poststarthook/rbac/bootstrap-roles` has.
    const name = parts.join('/');
    if (name === '') return this.#all(endpoint, checks, info);
    const check = checks.find((each) => each.name === name);
    if (check === undefined) return undefined;
    const reason = check.check();
    if (reason === undefined) return plainText(200, 'ok');
    this.#onFailure(endpoint, name, reason);
    return plainText(500, `internal server error: ${reason}\n`);
  }

  #all(endpoint: string, checks: readonly HealthCheck[], { query }: RequestInfo): ApiResponse {
    const excluded = new Set(query.getAll('exclude').filter((name) => name !== ''));
    const lines: string[] = [];
    let failed = false;
    for (const { name, check } of checks) {
      if (excluded.delete(name)) {
        lines.push(`[+]${name} excluded: ok\n`);
        continue;
      }
      const reason = check();
      lines.push(reason === undefined ? `[+]${name} ok\n` : `[-]${name} failed: reason withheld\n`);
      if (reason === undefined) continue;
      failed = true;
      this.#onFailure(endpoint, name, reason);
    }
    if (excluded.size > 0)
      lines.push(`warn: some health checks cannot be excluded: no matches for ${quoted(excluded)}\n`);
    if (failed) return plainText(500, `${lines.join('')}${endpoint} check failed\n`);
    return plainText(200, query.has('verbose') ? `${lines.join('')}${endpoint} check passed\n` : 'ok');
  }
}

function quoted(names: ReadonlySet<string>): string {
  return [...names].map((name) => JSON.stringify(name)).join(', ');
}
