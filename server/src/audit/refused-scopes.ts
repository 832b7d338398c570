import type { Principal } from '../principal.js';
import type { RateLimiter } from '../rate-limit/rate-limiter.js';
import type { AuditLog } from './audit-log.js';

interface RefusedScopesOptions {
  readonly audit: Pick<AuditLog, 'record'>;
  /** Limits the entries of one token and operation, so that a program that keeps retrying does not fill the trail. */
  readonly limiter: RateLimiter;
}

/** Records attempts that a token's scopes do not allow: a sign of a stolen token, or of one with too few scopes. */
export class RefusedScopes {
  readonly #options: RefusedScopesOptions;

  constructor(options: RefusedScopesOptions) {
    this.#options = options;
  }

  /** `operation`: the route or procedure, as the access table names it. */
  async note(by: Principal, operation: string): Promise<void> {
    const { audit, limiter } = this.#options;
    const verdict = await limiter.take(`${by.tokenId ?? by.name} ${operation}`);
    if (!verdict.allowed) return;
    await audit.record(
      by,
      { action: 'scope.refused', target: operation },
      { outcome: 'refused', code: 'forbidden' },
    );
  }
}
