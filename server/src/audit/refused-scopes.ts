import type { Principal } from '../principal.js';
import type { RateLimiter } from '../rate-limit/rate-limiter.js';
import type { AuditLog } from './audit-log.js';

export interface RefusedScopesOptions {
  readonly audit: Pick<AuditLog, 'record'>;
  /** Of one token at one door: a program that does not give up must not fill the trail. */
  readonly limiter: RateLimiter;
}

/** Writes down who tried what its token does not allow: a sign of a token in wrong hands, or of one that holds too little. */
export class RefusedScopes {
  readonly #options: RefusedScopesOptions;

  constructor(options: RefusedScopesOptions) {
    this.#options = options;
  }

  /** `door`: the route or procedure, in our words. */
  async note(by: Principal, door: string): Promise<void> {
    const { audit, limiter } = this.#options;
    const verdict = await limiter.take(`${by.tokenId ?? by.name} ${door}`);
    if (!verdict.allowed) return;
    await audit.record(
      by,
      { action: 'scope.refused', target: door },
      { outcome: 'refused', code: 'forbidden' },
    );
  }
}
