import type { AccessToken } from '@launchlog/shared/access-token';
import type { NewToken, RotatedToken, ValidToken, TokenStore } from '@launchlog/server/auth/token-store';

interface Row extends NewToken {
  readonly createdAt: string;
  revokedAt?: string;
  readonly previousHash?: string;
  readonly previousUntilMs?: number;
  readonly rotatedAtMs?: number;
}

/** Named tokens over a map, which several servers of a test may share. */
export class MemoryTokenStore implements TokenStore {
  readonly rows = new Map<string, Row>();
  /** While it is set every call rejects with it. */
  failure: Error | undefined;

  create(token: NewToken): Promise<AccessToken | 'name_taken'> {
    return this.#answer(() => {
      if ([...this.rows.values()].some(({ name }) => name === token.name)) return 'name_taken';
      const row = { ...token, createdAt: new Date().toISOString() };
      this.rows.set(token.id, row);
      return shown(row);
    });
  }

  list(limit: number): Promise<AccessToken[]> {
    return this.#answer(() => [...this.rows.values()].toReversed().slice(0, limit).map(shown));
  }

  find(id: string): Promise<AccessToken | undefined> {
    const row = this.rows.get(id);
    return this.#answer(() => row && shown(row));
  }

  revoke(id: string): Promise<AccessToken | undefined> {
    return this.#answer(() => {
      const row = this.rows.get(id);
      if (row === undefined) return undefined;
      row.revokedAt ??= new Date().toISOString();
      return shown(row);
    });
  }

  rotate(id: string, hash: string, graceSeconds: number): Promise<RotatedToken | undefined> {
    return this.#answer(() => {
      const row = this.rows.get(id);
      if (row === undefined || row.revokedAt !== undefined) return undefined;
      const nowMs = Date.now();
      const previousUntilMs = nowMs + graceSeconds * 1_000;
      const rotated = { ...row, hash, previousHash: row.hash, previousUntilMs, rotatedAtMs: nowMs };
      this.rows.set(id, rotated);
      return { shown: shown(rotated), token: validOf(rotated) };
    });
  }

  used(): Promise<void> {
    return this.#answer(() => {});
  }

  listValid(): Promise<ValidToken[]> {
    return this.#answer(() =>
      [...this.rows.values()]
        .filter(
          ({ revokedAt, expiresAt }) =>
            revokedAt === undefined && Date.parse(expiresAt ?? '9999-01-01') > Date.now(),
        )
        .map(validOf),
    );
  }

  async findValid(hash: string): Promise<ValidToken | undefined> {
    return (await this.listValid()).find((token) => token.hash === hash || token.previousHash === hash);
  }

  #answer<Answer>(answer: () => Answer): Promise<Answer> {
    return this.failure === undefined ? Promise.resolve(answer()) : Promise.reject(this.failure);
  }
}

function validOf({ expiresAt, ...row }: Row): ValidToken {
  return { ...row, expiresAtMs: expiresAt === undefined ? undefined : Date.parse(expiresAt) };
}

function shown({ deploymentId, tenantId, expiresAt, scopes, ...row }: Row): AccessToken {
  const { id, name, createdBy, createdAt, revokedAt, previousUntilMs = 0 } = row;
  return {
    id,
    name,
    createdBy,
    createdAt,
    ...(revokedAt === undefined ? {} : { revokedAt }),
    ...(previousUntilMs > Date.now() ? { previousUntil: new Date(previousUntilMs).toISOString() } : {}),
    scopes: [...scopes],
    ...(deploymentId === undefined ? {} : { deploymentId }),
    ...(tenantId === undefined ? {} : { tenantId }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}
