import type { AccessToken } from '@launchlog/shared/access-token';
import { accessTokenSchema } from '@launchlog/shared/access-token';
import type { SqlDatabase } from '../database/sql-database.js';
import { SqlStatementError, UNIQUE_VIOLATION } from '../database/sql-database.js';
import type { NewToken, StandingToken, TokenStore } from './token-store.js';
import { STANDING_TOKENS_MAX } from './token-store.js';

const SHOWN = `id, name, scopes, deployment_id, tenant_id, created_by,
  ${isoText('created_at')}, ${isoText('expires_at')}, ${isoText('revoked_at')}`;
const KEPT = `id, name, hash, scopes, deployment_id, tenant_id, (extract(epoch from expires_at) * 1000)::float8`;
const STANDS = `revoked_at is null and (expires_at is null or expires_at > now())`;

/** Named tokens in a PostgreSQL, embedded or not; their table is there. */
export class SqlTokenStore implements TokenStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  async create(token: NewToken): Promise<AccessToken | 'name_taken' | 'too_many'> {
    const { id, name, hash, scopes, deploymentId, tenantId, createdBy, expiresAt } = token;
    try {
      const [row] = await this.#database.query(
        `insert into access_tokens (id, name, hash, scopes, deployment_id, tenant_id, created_by, expires_at)
         select $1::uuid, $2::text, $3::text, $4::jsonb, $5::text, $6::text, $7::text, $8::timestamptz
         where (select count(*) from access_tokens where ${STANDS}) < ${STANDING_TOKENS_MAX}
         returning ${SHOWN}`,
        [
          id,
          name,
          hash,
          JSON.stringify(scopes),
          deploymentId ?? null,
          tenantId ?? null,
          createdBy,
          expiresAt ?? null,
        ],
      );
      return row === undefined ? 'too_many' : shown(row);
    } catch (error) {
      if (error instanceof SqlStatementError && error.code === UNIQUE_VIOLATION) return 'name_taken';
      throw error;
    }
  }

  async list(limit: number): Promise<AccessToken[]> {
    const rows = await this.#database.query(
      `select ${SHOWN} from access_tokens order by created_at desc, id desc limit $1`,
      [limit],
    );
    return rows.map(shown);
  }

  async revoke(id: string): Promise<AccessToken | undefined> {
    const [row] = await this.#database.query(
      `update access_tokens set revoked_at = coalesce(revoked_at, now()) where id = $1::uuid returning ${SHOWN}`,
      [id],
    );
    return row === undefined ? undefined : shown(row);
  }

  async standing(): Promise<StandingToken[]> {
    return (await this.#database.query(`select ${KEPT} from access_tokens where ${STANDS}`, [])).map(kept);
  }

  async findStanding(hash: string): Promise<StandingToken | undefined> {
    const text = `select ${KEPT} from access_tokens where hash = $1 and ${STANDS}`;
    const [row] = await this.#database.query(text, [hash]);
    return row === undefined ? undefined : kept(row);
  }
}

function isoText(column: string): string {
  return `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

function shown(row: readonly unknown[]): AccessToken {
  const [id, name, scopes, deploymentId, tenantId, createdBy, createdAt, expiresAt, revokedAt] = row;
  const given = { id, name, scopes, deploymentId, tenantId, createdBy, createdAt, expiresAt, revokedAt };
  return accessTokenSchema.parse(
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null)),
  );
}

function kept(row: readonly unknown[]): StandingToken {
  const [id, name, hash, scopes, deploymentId, tenantId, expiresAtMs] = row;
  return {
    id: String(id),
    name: String(name),
    hash: String(hash),
    scopes: accessTokenSchema.shape.scopes.parse(scopes),
    deploymentId: labelOf(deploymentId),
    tenantId: labelOf(tenantId),
    expiresAtMs: expiresAtMs === null ? undefined : Number(expiresAtMs),
  };
}

function labelOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
