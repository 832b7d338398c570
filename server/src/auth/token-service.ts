import type { z } from 'zod';
import type { AccessToken, CreatedAccessToken, accessTokenInputSchema } from '@launchlog/shared/access-token';
import { FieldError, LaunchlogError, notFound } from '@launchlog/shared/error-code';
import type { AuditLog } from '../audit/audit-log.js';
import type { Clock } from '../clock.js';
import type { Principal } from '../principal.js';
import type { TokenRegistry } from './token-registry.js';
import { hashOf } from './token-registry.js';
import type { TokenStore } from './token-store.js';
import { VALID_TOKENS_MAX } from './token-store.js';

interface TokenServiceOptions {
  readonly store: TokenStore;
  readonly registry: Pick<TokenRegistry, 'learn' | 'revoke'>;
  readonly audit: Pick<AuditLog, 'around'>;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly randomBytes: (count: number) => Buffer;
}

const TOKEN_BYTES = 32;
/** Lets secret scanners find a token that was committed by mistake. */
const TOKEN_PREFIX = 'llt_';
const LISTED_MAX = 5_000;

/** The use cases of named tokens, the same for every transport. They write the audit trail. */
export class TokenService {
  readonly #options: TokenServiceOptions;

  constructor(options: TokenServiceOptions) {
    this.#options = options;
  }

  create(by: Principal, input: z.output<typeof accessTokenInputSchema>): Promise<CreatedAccessToken> {
    const { audit, newId } = this.#options;
    const id = newId();
    return audit.around(by, { action: 'token.create', target: id }, () => this.#create(by, id, input));
  }

  /** Newest first. */
  list(): Promise<AccessToken[]> {
    return this.#options.store.list(LISTED_MAX);
  }

  /** Ends everything the token has open: at once here, within 2 s on the other servers. */
  revoke(by: Principal, id: string): Promise<AccessToken> {
    const { audit, registry, store } = this.#options;
    return audit.around(by, { action: 'token.revoke', target: id }, async () => {
      const revoked = await store.revoke(id);
      if (revoked === undefined) throw notFound('token', id);
      registry.revoke(id);
      return revoked;
    });
  }

  /** Gives the token a second secret. What was opened with the former one ends when that expires. */
  rotate(by: Principal, id: string, { graceSeconds }: { graceSeconds: number }): Promise<CreatedAccessToken> {
    const { audit, registry, store } = this.#options;
    return audit.around(by, { action: 'token.rotate', target: id }, async () => {
      const token = this.#newToken();
      const rotated = await store.rotate(id, hashOf(token), graceSeconds);
      if (rotated === undefined) throw notFound('token', id);
      registry.learn(rotated.token);
      return { accessToken: rotated.shown, token };
    });
  }

  #newToken(): string {
    return TOKEN_PREFIX + this.#options.randomBytes(TOKEN_BYTES).toString('base64url');
  }

  async #create(
    by: Principal,
    id: string,
    input: z.output<typeof accessTokenInputSchema>,
  ): Promise<CreatedAccessToken> {
    const { clock, registry, store } = this.#options;
    const { name, deploymentId, tenantId, expiresAt } = input;
    const expiresAtMs = expiresAt === undefined ? undefined : Date.parse(expiresAt);
    if (expiresAtMs !== undefined && expiresAtMs <= clock.now()) {
      throw new FieldError('expiresAt', 'must be in the future');
    }
    const token = this.#newToken();
    const scopes = [...new Set(input.scopes)];
    const kept = { id, name, hash: hashOf(token), scopes, deploymentId, tenantId };
    const reply = await store.create({ ...kept, createdBy: by.name, expiresAt });
    if (reply === 'name_taken') {
      throw new LaunchlogError('conflict', 'there is, or was, a token of this name: choose another');
    }
    if (reply === 'too_many') {
      throw new LaunchlogError('conflict', `${VALID_TOKENS_MAX} tokens are valid already: revoke some first`);
    }
    registry.learn({ ...kept, expiresAtMs });
    return { accessToken: reply, token };
  }
}
