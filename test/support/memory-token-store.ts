import type { AccessToken } from '@launchlog/shared/access-token';
import type { NewToken, StandingToken, TokenStore } from '@launchlog/server/auth/token-store';

interface Row extends NewToken {
  readonly createdAt: string;
  revokedAt?: string;
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

  revoke(id: string): Promise<AccessToken | undefined> {
    return this.#answer(() => {
      const row = this.rows.get(id);
      if (row === undefined) return undefined;
      row.revokedAt ??= new Date().toISOString();
      return shown(row);
    });
  }

  standing(): Promise<StandingToken[]> {
    return this.#answer(() =>
      [...this.rows.values()]
        .filter(
          ({ revokedAt, expiresAt }) =>
            revokedAt === undefined && Date.parse(expiresAt ?? '9999-01-01') > Date.now(),
        )
        .map(({ expiresAt, ...row }) => ({
          ...row,
          expiresAtMs: expiresAt === undefined ? undefined : Date.parse(expiresAt),
        })),
    );
  }

  async findStanding(hash: string): Promise<StandingToken | undefined> {
    return (await this.standing()).find((token) => token.hash === hash);
  }

  #answer<Answer>(answer: () => Answer): Promise<Answer> {
    return this.failure === undefined ? Promise.resolve(answer()) : Promise.reject(this.failure);
  }
}

function shown({ deploymentId, tenantId, expiresAt, scopes, ...row }: Row): AccessToken {
  const { id, name, createdBy, createdAt, revokedAt } = row;
  return {
    id,
    name,
    createdBy,
    createdAt,
    ...(revokedAt === undefined ? {} : { revokedAt }),
    scopes: [...scopes],
    ...(deploymentId === undefined ? {} : { deploymentId }),
    ...(tenantId === undefined ? {} : { tenantId }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}
